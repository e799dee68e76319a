/** Refused `POST /v1/jobs`: unknown fields, metadata, and the idempotency key. */
import { afterEach, describe, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { refusalsBy, type Refusal } from '../refusal.ts';
import { countEffects, engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });
const expectRefusal = refusalsBy(kiln);

afterEach(async () => {
  expect(await countEffects(kiln)).toEqual({ jobs: 0, events: 0, keys: 0, calls: 0 });
});

describe('fields', () => {
  test.each<Refusal>([
    {
      what: 'a misspelt field',
      body: { qualtiy: 'low' },
      code: 'unknown_parameter',
      param: 'qualtiy',
      message: new RegExp(
        '^qualtiy: is not a known field; the known fields are prompt, model, n, size, quality, ' +
          '.*metadata, derived_from, dedupe, webhook_url, webhook_events$',
      ),
    },
    {
      what: 'a field named like a method of every object',
      body: { toString: 1 },
      code: 'unknown_parameter',
      param: 'toString',
      message: /^toString: is not a known field/,
    },
    {
      what: '17 pairs of metadata',
      body: {
        metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v'])),
      },
      param: 'metadata',
      message: /^metadata: .* has 17 pairs; at most 16 pairs are allowed$/,
    },
    {
      what: 'a key of metadata of 65 characters',
      body: { metadata: { ['k'.repeat(65)]: 'v' } },
      param: `metadata.${'k'.repeat(65)}`,
      message:
        /^metadata\.k{65}: received a key of 65 characters; at most 64 characters are allowed$/,
    },
    {
      what: 'an empty key of metadata',
      body: { metadata: { '': 'v' } },
      param: 'metadata.',
      message: /^metadata\.: received a key of 0 characters; at least 1 character is needed$/,
    },
    {
      what: 'a value of metadata of 513 characters',
      body: { metadata: { note: 'v'.repeat(513) } },
      param: 'metadata.note',
      message: /^metadata\.note: received 513 characters; at most 512 characters are allowed$/,
    },
    {
      what: 'a value of metadata that is a number',
      body: { metadata: { order: 17 } },
      param: 'metadata.order',
      message: /^metadata\.order: received 17; it takes a string$/,
    },
    {
      what: 'metadata that is a list',
      body: { metadata: ['a'] },
      param: 'metadata',
      message: /^metadata: received \["a"\]; it takes an object$/,
    },
  ])('$what', expectRefusal);

  test('a number that is too large for JSON', async () => {
    const response = await kiln.request('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"prompt": "A boat", "provider_options": {"scale": 1e999}}',
    });
    expect(await readError(response)).toMatchObject({
      status: 400,
      param: 'provider_options.scale',
    });
  });

  test('__proto__ is refused as a name, wherever it is', async () => {
    for (const body of [
      '{"prompt": "A boat", "__proto__": {"n": 3}}',
      '{"metadata": {"__proto__": 1}}',
    ]) {
      const response = await kiln.request('/v1/jobs', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const error = await readError(response);
      expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(error.message).toContain('__proto__');
    }
  });
});

describe('headers', () => {
  test.each([
    [
      'of 256 characters',
      'k'.repeat(256),
      /received 256 characters; at most 255 characters are allowed/,
    ],
    ['that is empty', '', /received 0 characters; at least 1/],
  ])('an Idempotency-Key %s is refused', async (_what, key, message) => {
    const response = await postJson(
      `${kiln.url}/v1/jobs`,
      { prompt: 'A boat' },
      { 'idempotency-key': key },
    );
    const error = await readError(response);
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'idempotency-key' });
    expect(error.message).toMatch(message);
  });
});
