import { expect, test } from 'vitest';
import { readError, startSimulator, type Face, matching } from './support.ts';

type Case = [
  body: Record<string, unknown>,
  param: string,
  code: string,
  message?: RegExp,
  face?: Face,
];

const refused: Case[] = [
  [
    { response_format: 'b64_json' },
    'response_format',
    'unknown_parameter',
    /^Unknown parameter: 'response_format'\.$/,
  ],
  [{ colour: 'red' }, 'colour', 'unknown_parameter', /^Unknown parameter: 'colour'\.$/],
  [{ stream: 'yes' }, 'stream', 'invalid_type'],
  [{ stream: true, partial_images: 4 }, 'partial_images', 'integer_above_max_value'],
  [{ stream: true, n: 2 }, 'n', 'invalid_value', /^Streaming is only supported with n=1\.$/],
  [{ model: 'gpt-image-2.5-flare', stream: true, output_format: 'svg' }, 'stream', 'invalid_value'],
  [{ partial_images: 1 }, 'partial_images', 'invalid_value'],
  [
    { prompt: undefined },
    'prompt',
    'missing_required_parameter',
    /^Missing required parameter: 'prompt'\.$/,
  ],
  [{ prompt: '' }, 'prompt', 'empty_string'],
  [{ prompt: 7 }, 'prompt', 'invalid_type', /expected a string, but got an integer instead/],
  [
    { prompt: 'x'.repeat(32_001) },
    'prompt',
    'string_above_max_length',
    /maximum length 32000.*length 32001/,
  ],
  [{ model: undefined }, 'model', 'missing_required_parameter'],
  [{ n: 0 }, 'n', 'integer_below_min_value', /Expected a value >= 1, but got 0 instead/],
  [{ n: 11 }, 'n', 'integer_above_max_value', /Expected a value <= 10, but got 11 instead/],
  [{ n: 1.5 }, 'n', 'invalid_type'],
  [{ n: '2' }, 'n', 'invalid_type', /expected an integer, but got a string instead/],
  [
    { quality: 'hd' },
    'quality',
    'invalid_value',
    /^Invalid value: 'hd'\. Supported values are: 'low', 'medium', 'high', and 'auto'\.$/,
  ],
  [{ quality: 'max' }, 'quality', 'invalid_value'],
  [{ size: '1000x1000' }, 'size', 'invalid_value', /divisible by 16/],
  [{ size: '3840x1264' }, 'size', 'invalid_value', /aspect ratio/],
  [{ size: '4096x2048' }, 'size', 'invalid_value', /3840/],
  [{ size: '640x640' }, 'size', 'invalid_value', /at least 655360/],
  [{ size: '3840x2176' }, 'size', 'invalid_value', /at most 8294400/],
  [{ size: 'big' }, 'size', 'invalid_value'],
  [
    { model: 'gpt-image-1.5', size: '2048x1152' },
    'size',
    'invalid_value',
    /'1024x1024', '1024x1536', '1536x1024', and 'auto'/,
  ],
  [{ output_format: 'bmp' }, 'output_format', 'invalid_value'],
  [{ output_format: 'gif' }, 'output_format', 'invalid_value'],
  [{ output_format: 'webp' }, 'output_format', 'invalid_value', /'png', and 'jpeg'/, 'azure'],
  [{ output_compression: 50 }, 'output_compression', 'invalid_value'],
  [
    { output_format: 'jpeg', output_compression: 101 },
    'output_compression',
    'integer_above_max_value',
  ],
  [{ background: 'blue' }, 'background', 'invalid_value'],
  [{ background: 'transparent', output_format: 'jpeg' }, 'background', 'invalid_value'],
  [{ moderation: 'none' }, 'moderation', 'invalid_value'],
  [{ model: 'gpt-image-2.5-flare', output_format: 'svg', n: 2 }, 'n', 'invalid_value'],
];

test('an invalid parameter is a 400 that names it', async () => {
  const { generate, ledger } = await startSimulator();
  for (const [body, param, code, message = /./, face = 'openai'] of refused) {
    const answer = await readError(await generate({ prompt: 'a fox', ...body }, { face }));
    expect(answer, JSON.stringify(body).slice(0, 80)).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
      code,
    });
    expect(answer).toHaveProperty('message', matching(message));
  }
  const { counters } = await ledger();
  expect(counters).toMatchObject({ calls: refused.length, paid: 0 });
});

const accepted: Record<string, unknown>[] = [
  { prompt: 'é'.repeat(32_000) },
  // Characters count, not UTF-16 units.
  { prompt: '🦊'.repeat(32_000) },
  { n: null, size: null, quality: null, background: null, stream: false },
  {
    size: 'auto',
    quality: 'auto',
    background: 'auto',
    moderation: 'low',
    user: 'u',
    safety_identifier: 's',
  },
  { size: '3840x2160' },
  { size: '1280x512' },
  { output_format: 'webp', output_compression: 0, background: 'transparent' },
  { model: 'gpt-image-2.5-sunburst-2026-09-08', quality: 'max', output_format: 'gif' },
  { model: 'gpt-image-9', size: '1536x864' },
];

test('valid parameters pass, also for unknown models', async () => {
  const { generate } = await startSimulator();
  for (const body of accepted) {
    const response = await generate({ prompt: 'a fox', ...body });
    expect(response.status, JSON.stringify(body).slice(0, 80)).toBe(200);
    await response.body?.cancel();
  }
});
