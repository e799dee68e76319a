/**
 * Refused `POST /v1/jobs`: every limit names its field, the received and the allowed value; nothing
 * is stored or called.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { refusalsBy, type Refusal } from '../refusal.ts';
import { countEffects, engineNamed, readError } from '../support.ts';

// Run a worker, so that a wrongly accepted job would be called.
const kiln = await startKiln({ engine: engineNamed('postgres') });

const expectRefusal = refusalsBy(kiln);

afterEach(async () => {
  expect(await countEffects(kiln)).toEqual({ jobs: 0, events: 0, keys: 0, calls: 0 });
});

const half = '\ud83d';
const notStorable = /holds a NUL character(,| or) half of a surrogate pair.*cannot be stored$/;

describe('text', () => {
  test.each<Refusal>([
    {
      what: 'a prompt of 32,001 characters',
      body: { prompt: 'x'.repeat(32001) },
      param: 'prompt',
      message: /^prompt: received 32,001 characters; at most 32,000 characters are allowed$/,
    },
    {
      what: 'a prompt of 32,001 characters outside of the basic plane',
      body: { prompt: '🚢'.repeat(32001) },
      param: 'prompt',
      message: /^prompt: received 32,001 characters; at most 32,000 characters are allowed$/,
    },
    {
      what: 'an empty prompt',
      body: { prompt: '' },
      param: 'prompt',
      message: /^prompt: received 0 characters; at least 1 character is needed$/,
    },
    {
      what: 'no prompt',
      body: { prompt: undefined },
      param: 'prompt',
      message: /^prompt: is missing; it takes a string$/,
    },
    {
      what: 'a prompt that is a number',
      body: { prompt: 17 },
      param: 'prompt',
      message: /^prompt: received 17; it takes a string$/,
    },
    { what: 'NUL in a prompt', body: { prompt: 'a\0b' }, param: 'prompt', message: notStorable },
    {
      what: 'half a surrogate pair in a prompt',
      body: { prompt: `a${half}` },
      param: 'prompt',
      message: notStorable,
    },
    {
      what: 'NUL in a value of metadata',
      body: { metadata: { colour: '\0' } },
      param: 'metadata.colour',
      message: notStorable,
    },
    {
      what: 'half a surrogate pair in a value of metadata',
      body: { metadata: { colour: half } },
      param: 'metadata.colour',
      message: notStorable,
    },
    {
      what: 'NUL in a key of metadata',
      body: { metadata: { 'a\0': 'b' } },
      param: 'metadata.a\ufffd',
      message: notStorable,
    },
    {
      what: 'half a surrogate pair in a key of metadata',
      body: { metadata: { [half]: 'b' } },
      param: 'metadata.\ufffd',
      message: notStorable,
    },
    {
      what: 'NUL deep in provider_options',
      body: { provider_options: { deep: [{ er: '\0' }] } },
      param: 'provider_options.deep',
      message: notStorable,
    },
    {
      what: 'half a surrogate pair in a key deep in provider_options',
      body: { provider_options: { deep: { [half]: 1 } } },
      param: 'provider_options.deep',
      message: notStorable,
    },
    {
      what: 'half a surrogate pair in a key of provider_options',
      body: { provider_options: { [half]: 1 } },
      param: 'provider_options.\ufffd',
      message: notStorable,
    },
  ])('$what', expectRefusal);

  test('a prompt that is too long is not repeated', async () => {
    const response = await postJson(`${kiln.url}/v1/jobs`, { prompt: 'secret '.repeat(10_000) });
    expect((await readError(response)).message).not.toMatch(/secret/);
  });
});

describe('numbers, choices and combinations', () => {
  test.each<Refusal>([
    {
      what: 'n of 0',
      body: { n: 0 },
      param: 'n',
      message: /^n: received 0; at least 1 is needed$/,
    },
    {
      what: 'n of 11',
      body: { n: 11 },
      param: 'n',
      message: /^n: received 11; at most 10 is allowed$/,
    },
    {
      what: 'n of 1.5',
      body: { n: 1.5 },
      param: 'n',
      message: /^n: received 1\.5; it takes a whole number$/,
    },
    {
      what: 'n as text',
      body: { n: '2' },
      param: 'n',
      message: /^n: received "2"; it takes a number$/,
    },
    {
      what: 'n of null',
      body: { n: null },
      param: 'n',
      message: /^n: received null; it takes a number$/,
    },
    {
      what: 'a quality no model has',
      body: { quality: 'best' },
      param: 'quality',
      message: /^quality: received "best"; it takes auto, low, medium, high, xhigh, max$/,
    },
    {
      what: 'a quality the model lacks',
      body: { quality: 'max' },
      code: 'unsupported_parameter',
      param: 'quality',
      message: /^quality: received "max"; gpt-image-2 takes auto, low, medium, high$/,
    },
    {
      what: 'a size that is not a multiple of 16',
      body: { size: '1000x1000' },
      code: 'unsupported_parameter',
      param: 'size',
      message: /^size: received "1000x1000"; edges must be multiples of 16$/,
    },
    {
      what: 'a text that is not a size',
      body: { size: 'large' },
      code: 'unsupported_parameter',
      param: 'size',
      message: /^size: received "large"; gpt-image-2 takes auto or WIDTHxHEIGHT/,
    },
    {
      what: 'jpeg with a transparent background',
      body: {
        output_format: 'jpeg',
        background: 'transparent',
      },
      code: 'unsupported_parameter',
      param: 'output_format',
      message:
        /^output_format: received "jpeg" with background "transparent", which takes png or webp$/,
    },
    {
      what: 'png with compression',
      body: {
        output_format: 'png',
        output_compression: 50,
      },
      code: 'unsupported_parameter',
      param: 'output_compression',
      message: new RegExp(
        '^output_compression: received 50 with output_format "png"; ' +
          'set output_format to jpeg or webp',
      ),
    },
    {
      what: 'compression without a format',
      body: { output_compression: 50 },
      code: 'unsupported_parameter',
      param: 'output_compression',
      message: /png \(the default\)/,
    },
    {
      what: 'compression of 101',
      body: {
        output_format: 'jpeg',
        output_compression: 101,
      },
      param: 'output_compression',
      message: /^output_compression: received 101; at most 100 is allowed$/,
    },
    {
      what: 'a format the model lacks',
      body: { output_format: 'gif' },
      code: 'unsupported_parameter',
      param: 'output_format',
      message: /^output_format: received "gif"; gpt-image-2 on OpenAI takes png or jpeg or webp$/,
    },
    {
      what: 'provider_options that set what Kiln sets',
      body: { provider_options: { n: 4 } },
      code: 'unsupported_parameter',
      param: 'provider_options.n',
      message: /Kiln checks and counts n; set it as a field/,
    },
  ])('$what', expectRefusal);

  test('every mistake is named at once', async () => {
    const body = { prompt: '', n: 0, quality: 'best' };
    const { message, param } = await readError(await postJson(`${kiln.url}/v1/jobs`, body));
    expect(param).toBe('prompt');
    expect(message.split('; ').length).toBeGreaterThanOrEqual(6);
    expect(message).toMatch(/^prompt: .*; n: .*; quality: /);
  });

  test('the first five of many mistakes are named, and the number of others', async () => {
    const body = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x${index}`, 1]));
    const { message } = await readError(
      await postJson(`${kiln.url}/v1/jobs`, { prompt: 'x', ...body }),
    );
    expect(message).toMatch(/x4: is not a known field/);
    expect(message).not.toMatch(/x5:/);
    expect(message).toMatch(/; and 35 more$/);
  });
});
