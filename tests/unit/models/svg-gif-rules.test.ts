import { describe, expect, test } from 'vitest';
import { checkJobRequest } from '@kiln/shared/models/job-rules';
import type { JobRequest } from '@kiln/shared/schemas/job-request';

const target = {
  provider: 'openai',
  model: 'gpt-image-2.5-flare',
  today: new Date('2026-11-30'),
} as const;
const images = [{ file_id: 'file-1' }];
const check = (fields: Partial<JobRequest>, model: string = target.model) =>
  checkJobRequest({ prompt: 'A boat', ...fields }, { ...target, model });

describe('an SVG document', () => {
  test.each<[string, Partial<JobRequest>]>([
    ['from a prompt alone', { output_format: 'svg' }],
    ['as an edit', { output_format: 'svg', images }],
    ['with its author', { output_format: 'svg', svg: { model: 'gpt-5.6-terra' } }],
    [
      'as an edit, with the effort of the author only',
      { output_format: 'svg', images, svg: { reasoning: { effort: 'low' } } },
    ],
    ['of one, as said', { output_format: 'svg', n: 1, images }],
  ])('is accepted %s', (_how, fields) => {
    expect(check(fields)).toEqual({ problems: [], warnings: [] });
  });

  test.each<[string, Partial<JobRequest>, string, RegExp]>([
    ['several', { output_format: 'svg', n: 2, images }, 'n', /received 2; .* takes 1/],
    [
      'a compression, even of 100',
      { output_format: 'svg', output_compression: 100 },
      'output_compression',
      /received 100 with output_format "svg"/,
    ],
    [
      'an author without a format',
      { svg: { model: 'gpt-5.6-terra' } },
      'svg',
      /png \(the default\); only svg takes it/,
    ],
    [
      'a generation with an effort but no author',
      { output_format: 'svg', svg: { reasoning: { effort: 'low' } } },
      'svg.model',
      /missing; name the model/,
    ],
  ])('is refused with %s', (_what, fields, param, message) => {
    const { problems } = check(fields);
    expect(problems).toMatchObject([{ param }]);
    expect(problems[0]?.message).toMatch(message);
    expect(check(fields, 'gpt-image-99').problems).toMatchObject([{ param }]);
  });

  test('is not made by models before 2.5, nor by Azure', () => {
    for (const [model, provider] of [
      ['gpt-image-2', 'openai'],
      ['gpt-image-2.5-flare', 'azure'],
    ] as const) {
      const request = { prompt: 'A boat', output_format: 'svg' } as const;
      const { problems } = checkJobRequest(request, { ...target, model, provider });
      expect(problems).toMatchObject([{ param: 'output_format' }]);
    }
    expect(check({ svg: { model: 'gpt-5.6' } }, 'gpt-image-2').problems).toMatchObject([
      { param: 'svg', message: 'svg: gpt-image-2 does not take the field; leave it out' },
      { param: 'svg' },
    ]);
  });

  test('of an author without a known price has a warning', () => {
    const { problems, warnings } = check({ output_format: 'svg', svg: { model: 'gpt-99' } });
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'svg_author_unknown' }]);
    expect(warnings[0]?.message).toContain('"gpt-99"');
  });
});

describe('a gif', () => {
  test('is accepted with 2 to 16 frames and a duration', () => {
    const frames = { frame_count: 16, frame_duration_ms: 90, output_compression: 100 };
    expect(check({ output_format: 'gif', ...frames })).toEqual({ problems: [], warnings: [] });
    expect(check({ output_format: 'gif', images, ...frames }).problems).toEqual([]);
  });

  test.each<[string, Partial<JobRequest>, string]>([
    ['a mask', { output_format: 'gif', images, mask: { file_id: 'file-2' } }, 'mask'],
    ['a compression', { output_format: 'gif', output_compression: 80 }, 'output_compression'],
    ['frames of another format', { output_format: 'png', frame_count: 4 }, 'frame_count'],
    ['a duration without a format', { frame_duration_ms: 90 }, 'frame_duration_ms'],
  ])('is refused with %s', (_what, fields, param) => {
    expect(check(fields).problems).toMatchObject([{ param }]);
    expect(check(fields, 'gpt-image-99').problems).toMatchObject([{ param }]);
  });
});

test('output_compression 100 is what png has anyway, so it is accepted', () => {
  expect(check({ output_compression: 100 }).problems).toEqual([]);
  expect(check({ output_compression: 100, output_format: 'png' }).problems).toEqual([]);
  expect(check({ output_compression: 99 }).problems).toMatchObject([
    { param: 'output_compression' },
  ]);
});

test('what is documented for 2.5 only is accepted for 2.6 with a warning', () => {
  const fields = {
    size: '2048x1152',
    quality: 'xhigh',
    background: 'transparent',
    images,
    markup: { file_id: 'file-2' },
  } as const;
  expect(check(fields)).toEqual({ problems: [], warnings: [] });
  const { problems, warnings } = check(fields, 'gpt-image-2.6-flare');
  expect(problems).toEqual([]);
  expect(warnings.map(({ code, message }) => `${code} ${message.split(':')[0]}`)).toEqual([
    'model_inferred size',
    'model_inferred quality',
    'model_inferred background',
    'model_inferred markup',
  ]);
  expect(warnings[1]?.message).toBe(
    'quality: received "xhigh", which is documented for gpt-image-2.5-flare, and not for ' +
      'gpt-image-2.6-flare; the provider may refuse it',
  );
  expect(check({ size: '1024x1024', quality: 'high' }, 'gpt-image-2.6-flare').warnings).toEqual([]);
});
