import { describe, expect, test } from 'vitest';
import { checkJobRequest } from '../../../packages/shared/src/models/job-rules.ts';
import type { JobRequest } from '../../../packages/shared/src/schemas/job-request.ts';
import type { JobTarget } from '@kiln/shared/models/job-findings';

const today = new Date('2026-11-21T12:00:00Z');

function check(fields: Partial<JobRequest>, target: Partial<JobTarget> = {}) {
  return checkJobRequest(
    { prompt: 'A small boat', ...fields },
    { provider: 'azure', model: 'gpt-image-2', today, ...target },
  );
}

test('a plain request has no problems and no warnings', () => {
  expect(check({})).toEqual({ problems: [], warnings: [] });
  expect(
    check({
      n: 4,
      size: '1024x1024',
      quality: 'high',
      output_format: 'jpeg',
      output_compression: 80,
    }),
  ).toEqual({
    problems: [],
    warnings: [],
  });
});

describe('a problem names the field, the received value and the allowed values', () => {
  test.each<[string, Partial<JobRequest>, Partial<JobTarget>, string]>([
    [
      'size, of a list',
      { size: '1000x1000' },
      { model: 'gpt-image-1.5' },
      'size: received "1000x1000"; gpt-image-1.5 takes auto, 1024x1024, 1536x1024 or 1024x1536',
    ],
    [
      'size, free',
      { size: '1000x1000' },
      {},
      'size: received "1000x1000"; edges must be multiples of 16',
    ],
    [
      'quality',
      { quality: 'xhigh' },
      {},
      'quality: received "xhigh"; gpt-image-2 takes auto, low, medium, high',
    ],
    [
      'format of the provider',
      { output_format: 'webp' },
      {},
      'output_format: received "webp"; gpt-image-2 on Azure takes png or jpeg',
    ],
    [
      'transparent as jpeg',
      { background: 'transparent', output_format: 'jpeg' },
      { model: 'gpt-image-1.5', provider: 'openai' },
      'output_format: received "jpeg" with background "transparent", which takes png or webp',
    ],
    [
      'compressed by default',
      { output_compression: 80 },
      {},
      'output_compression: received 80 with output_format png (the default); set output_format ' +
        'to jpeg, or leave it out',
    ],
    [
      'compressed png',
      { output_compression: 0, output_format: 'png' },
      { provider: 'openai' },
      'output_compression: received 0 with output_format "png"; set output_format to jpeg or ' +
        'webp, or leave it out',
    ],
    [
      'compressed and transparent, where only webp is both',
      { output_compression: 80, background: 'transparent' },
      { model: 'gpt-image-2.5-flare', provider: 'openai' },
      'output_compression: received 80 with output_format png (the default); set output_format ' +
        'to webp, or leave it out',
    ],
    [
      'compressed and transparent, where nothing is both',
      { output_compression: 80, background: 'transparent' },
      { model: 'gpt-image-2.5-flare' },
      'output_compression: received 80 with output_format png (the default); leave it out',
    ],
    [
      'an option that Kiln sets',
      { provider_options: { n: 4 } },
      {},
      'provider_options.n: received a value, but Kiln checks and counts n; set it as a field of ' +
        'the request instead',
    ],
    [
      'a field that Kiln knows and the request does not set',
      { provider_options: { quality: 'high' } },
      {},
      'provider_options.quality: received a value, but Kiln checks and counts quality; set it as ' +
        'a field of the request instead',
    ],
    [
      'a field of Kiln that the provider does not know',
      { provider_options: { priority: 'bulk' } },
      {},
      'provider_options.priority: received a value, but Kiln sets priority itself; leave it out ' +
        'here',
    ],
    [
      'how the provider answers, which is a setting of the deployment',
      { provider_options: { response_format: 'b64_json' } },
      {},
      'provider_options.response_format: received a value, but how the provider answers is a ' +
        'setting of the deployment: set its response_format in KILN_DEPLOYMENTS',
    ],
    [
      'an option that the request sets',
      { size: 'auto', provider_options: { size: '1024x1024' } },
      {},
      'provider_options.size: received a value, but Kiln checks and counts size; set it as a ' +
        'field of the request instead',
    ],
  ])('%s', (_what, fields, target, message) => {
    const { problems } = check(fields, target);
    expect(problems).toEqual([{ param: message.slice(0, message.indexOf(':')), message }]);
  });
});

test('all problems are reported together', () => {
  const { problems } = check({
    size: '1x1',
    quality: 'max',
    output_format: 'gif',
    output_compression: 5,
    provider_options: { prompt: 'x', stream: true },
  });
  expect(problems.map((problem) => problem.param)).toEqual([
    'size',
    'quality',
    'output_format',
    'output_compression',
    'provider_options.prompt',
    'provider_options.stream',
  ]);
});

describe('a warning does not refuse the job', () => {
  test.each<[string, Partial<JobRequest>, Partial<JobTarget>, string[], RegExp]>([
    ['an unknown model', {}, { model: 'gpt-image-9' }, ['unknown_model'], /"gpt-image-9"/],
    [
      'a retired model',
      {},
      { model: 'gpt-image-1' },
      ['model_retired'],
      /was retired from Azure on 2026-10-23;/,
    ],
    [
      'a model that retires soon',
      {},
      { model: 'gpt-image-1.5' },
      ['model_retiring'],
      /on 2026-12-16, in 25 days/,
    ],
    [
      "a third party's date",
      {},
      { model: 'gpt-image-1-mini', provider: 'openai' },
      ['model_retiring'],
      /2026-12-01 \(a third-party date, not announced by the provider\)/,
    ],
    [
      'a model not seen on Azure',
      {},
      { model: 'gpt-image-2.6-flare' },
      ['model_unconfirmed'],
      /not confirmed/,
    ],
    [
      'a large size',
      { size: '3840x2160' },
      {},
      ['size_experimental'],
      /"3840x2160".*experimentally/,
    ],
    [
      'a preview',
      { background: 'transparent' },
      {},
      ['background_preview'],
      /preview of gpt-image-2/,
    ],
    [
      'options',
      { provider_options: { style: 'vivid' } },
      {},
      ['provider_options'],
      /style will be sent/,
    ],
  ])('%s', (_what, fields, target, codes, message) => {
    const { problems, warnings } = check(fields, target);
    expect(problems).toEqual([]);
    expect(warnings.map((warning) => warning.code)).toEqual(codes);
    expect(warnings[0]?.message).toMatch(message);
  });
});

test('an unknown model is checked by the rules for every model only', () => {
  const target = { model: 'gpt-image-9' };
  expect(check({ size: '7x7', quality: 'max', output_format: 'svg' }, target).problems).toEqual([]);
  expect(check({ output_compression: 5 }, target).problems).toHaveLength(1);
  expect(check({ background: 'transparent', output_format: 'jpeg' }, target).problems).toHaveLength(
    1,
  );
});
