import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyFault } from '../../../../packages/shared/src/provider/faults/classify-fault.ts';
import { faultCodes } from '../../../../packages/shared/src/provider/faults/fault-codes.ts';

function classify(status: number, body: unknown = '', headers: Record<string, string> = {}) {
  return classifyFault({ kind: 'http', status, headers, body }, 0);
}

describe('the status decides when no code does', () => {
  test.each([
    [301, 'refused', 'pool_paused_deployment'],
    [302, 'refused', 'pool_paused_deployment'],
    [303, 'unknown', 'unexpected_status'],
    [304, 'unknown', 'unexpected_status'],
    [307, 'refused', 'pool_paused_deployment'],
    [308, 'refused', 'pool_paused_deployment'],
    [400, 'rejected', 'provider_rejected_parameters'],
    [401, 'refused', 'pool_paused_auth'],
    [402, 'refused', 'pool_paused_billing'],
    [403, 'refused', 'pool_paused_auth'],
    [404, 'refused', 'pool_paused_deployment'],
    [405, 'refused', 'pool_paused_deployment'],
    [406, 'unknown', 'unexpected_status'],
    [407, 'refused', 'pool_paused_auth'],
    [408, 'unknown', 'provider_timeout'],
    [409, 'unknown', 'unexpected_status'],
    [410, 'refused', 'pool_paused_deployment'],
    [411, 'refused', 'pool_paused_deployment'],
    [412, 'refused', 'pool_paused_deployment'],
    [413, 'rejected', 'provider_rejected_size'],
    [414, 'refused', 'pool_paused_deployment'],
    [415, 'refused', 'pool_paused_deployment'],
    [421, 'refused', 'pool_paused_deployment'],
    [422, 'rejected', 'provider_rejected_parameters'],
    [424, 'unknown', 'unexpected_status'],
    [426, 'refused', 'pool_paused_deployment'],
    [429, 'refused', 'rate_limited'],
    [431, 'refused', 'pool_paused_deployment'],
    [451, 'refused', 'pool_paused_blocked'],
    [500, 'unknown', 'provider_error'],
    [501, 'refused', 'pool_paused_deployment'],
    [502, 'unknown', 'provider_error'],
    [503, 'unknown', 'provider_error'],
    [504, 'unknown', 'provider_timeout'],
    [529, 'unknown', 'provider_error'],
  ])('%i is %s, %s', (status, expected, code) => {
    expect(classify(status)).toMatchObject({ class: expected, code, status });
  });
});

test('the message of a redirect names its target', () => {
  const { message } = classify(308, '', { location: 'https://elsewhere.example/v1' });
  expect(message).toBe('HTTP 308 leads to https://elsewhere.example/v1');
});

test('a blocked resource is distinguished from a refused prompt', () => {
  const error = {
    code: 'content_policy_violation',
    message: 'Your resource has been temporarily blocked …',
  };
  expect(classify(403, { error })).toMatchObject({
    class: 'refused',
    code: 'pool_paused_blocked',
    pool: 'pause',
  });
  expect(classify(400, { error })).toMatchObject({ class: 'rejected', code: 'content_policy' });
});

test('a content filter is found under its older spelling, without an error code', () => {
  const error = {
    code: null,
    message: 'The response was filtered',
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: {
        jailbreak: { filtered: true },
        hate: { filtered: false },
        profanity: null,
      },
    },
  };
  expect(classify(400, { error })).toMatchObject({
    code: 'content_policy',
    moderation: { stage: null, categories: ['jailbreak'] },
  });
});

test('the parameter at fault is named', () => {
  const error = { message: 'Unknown parameter', param: 'style', code: 'unknown_parameter' };
  expect(classify(400, { error })).toMatchObject({ param: 'style', moderation: null });
});

test('messages are shortened and can be stored', () => {
  expect(classify(500, { error: { message: 'x'.repeat(5_000) } }).message).toHaveLength(1_000);
  expect(classify(400, { error: { message: `a\0b${'x'.repeat(997)}😀` } }).message).toMatch(
    /^abx+\uFFFD?$/,
  );
  expect(classify(500, { error: 'plainly' }).message).toBe('plainly');
  expect(classify(503).message).toBe('HTTP 503 without an error message');
});

test('an answer without images is described by its shape, never its content', () => {
  expect(classify(200, 'secret').message).toBe(
    'HTTP 200 with a text of 6 characters instead of JSON',
  );
  expect(classify(200, { created: 1, data: [] }).message).toBe(
    'HTTP 200 with an empty list of images',
  );
  expect(classify(200, { data: [{ b64_json: 'secret' }] }).message).not.toContain('secret');
});

test('any answer has a class, a known code and a short message', () => {
  const codes = new Set<string>(faultCodes.map((each) => each.code));
  const error = fc.record(
    {
      code: fc.anything(),
      message: fc.anything(),
      param: fc.anything(),
      inner_error: fc.anything(),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.anything(),
    fc.record({ error: fc.oneof(fc.anything(), error) }),
    fc.string(),
  );
  const headers = fc.dictionary(fc.constantFrom('retry-after', 'Retry-After-Ms', 'x'), fc.string());
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), body, headers, (status, sent, sentHeaders) => {
      const fault = classify(status, sent, sentHeaders);
      expect(codes).toContain(fault.code);
      expect(fault.message.length).toBeLessThanOrEqual(1_100);
    }),
    { numRuns: 1_000 },
  );
});

test('codes are stable names, each listed once with a sentence', () => {
  const codes = faultCodes.map((each) => each.code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { code, meaning } of faultCodes) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  }
});
