import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyFault } from '../../../../packages/shared/src/provider/faults/classify-fault.ts';
import { classifyAnsweredError } from '../../../../packages/shared/src/provider/faults/classify-event.ts';
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
    [406, 'refused', 'pool_paused_deployment'],
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
    [520, 'unknown', 'provider_error'],
    [521, 'refused', 'connection_failed'],
    [522, 'unknown', 'provider_error'],
    [523, 'refused', 'connection_failed'],
    [524, 'unknown', 'provider_error'],
    [529, 'unknown', 'provider_error'],
  ])('%i is %s, %s', (status, expected, code) => {
    expect(classify(status)).toMatchObject({ class: expected, code, status });
  });
});

test('the message of a redirect names its target', () => {
  const { message } = classify(308, '', { location: 'https://elsewhere.example/v1' });
  expect(message).toBe('HTTP 308 leads to https://elsewhere.example/v1');
});

test('a path of a field that is no path is left out', () => {
  const detail = [{ loc: ['body', { toString: 1 }, 2], msg: 'is wrong' }];
  expect(classify(422, { detail })).toMatchObject({ message: 'body.2: is wrong' });
});

test('a blocked resource is distinguished from a refused prompt', () => {
  const error = {
    code: 'content_policy_violation',
    message: 'Your resource has been temporarily blocked …',
  };
  expect(classify(403, { error })).toMatchObject({
    class: 'refused',
    code: 'pool_paused_blocked',
    owner: 'deployment',
    isCertain: true,
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

describe('what is said counts before the status', () => {
  const content = { class: 'rejected', code: 'content_policy' };
  const model = { class: 'refused', code: 'model_paused', owner: 'model' };
  const quota = { class: 'refused', code: 'rate_limited', owner: 'pool' };
  const paused = (code: string, isCertain: boolean) => ({
    class: 'refused',
    code,
    owner: 'deployment',
    isCertain,
  });
  test.each<[string, number, unknown, object]>([
    ['content safety', 403, { message: 'Request failed content safety check.' }, content],
    ['usage guidelines', 403, { error: 'Content violates usage guidelines.' }, content],
    ['a code behind a 500', 500, { error: { code: 'contentFilter' } }, content],
    ['a code behind a 429', 429, { error: { code: 'content_filter' } }, content],
    ['JSON in a text', 400, { error: { message: '{"error":{"code":"content_filter"}}' } }, content],
    ['a code two envelopes deep', 502, { error: { error: { code: 'content_filter' } } }, content],
    [
      'a blocked account',
      403,
      { message: 'This account was suspended.' },
      paused('pool_paused_blocked', true),
    ],
    [
      'a request blocked by a firewall',
      403,
      'You have been blocked',
      paused('pool_paused_auth', false),
    ],
    ['no such model', 404, { error: { message: 'The model `x` does not exist' } }, model],
    ['a name with a point', 404, { detail: 'Model gpt-image-2.5 does not exist' }, model],
    ['no access to a model', 403, { error: { message: 'No access to model x' } }, model],
    ['not verified', 403, { error: { message: 'Your organization must be verified.' } }, model],
    ['a model code with status 400', 400, { error: { code: 'model_not_found' } }, model],
    [
      'no such deployment',
      404,
      { error: { code: 'DeploymentNotFound' } },
      paused('pool_paused_deployment', true),
    ],
    [
      'an address that is nowhere',
      404,
      { error: { code: '404', message: 'Resource not found' } },
      paused('pool_paused_deployment', false),
    ],
    [
      'an operation',
      400,
      { error: { code: 'OperationNotSupported' } },
      paused('pool_paused_deployment', false),
    ],
    [
      'a wrong key with status 403',
      403,
      { error: { code: 'invalid_api_key' } },
      paused('pool_paused_auth', true),
    ],
    [
      'a budget with status 429',
      429,
      { error: { code: 'insufficient_quota' } },
      paused('pool_paused_billing', true),
    ],
    ['a call quota with status 403', 403, { message: 'Out of call volume quota.' }, quota],
  ])('%s', (_name, status, body, expected) => {
    expect(classify(status, body)).toMatchObject(expected);
  });

  test.each<[string, unknown, object]>([
    ['a code in an answer 200', { error: { code: 'moderation_blocked' } }, content],
    ['each picture refused', { data: [{ error: { code: 'contentFilter' } }] }, content],
    ['a rate limit in an answer 200', { error: { code: 'rate_limit_exceeded' } }, quota],
    [
      'an error text in an answer 200',
      { data: [], error: 'out of range' },
      { class: 'rejected', message: 'out of range' },
    ],
  ])('%s', (_name, body, expected) => {
    expect(classifyAnsweredError(body, {}, 0)).toMatchObject(expected);
  });

  test('a 403 with a time to wait is a quota', () => {
    expect(classify(403, { message: 'no' }, { 'retry-after': '8' })).toMatchObject({
      ...quota,
      waitMs: 8_000,
    });
  });

  test('only the refusal of the form of an edit is passing', () => {
    const passing = { error: { code: 'unsupported_content_type' } };
    expect(classify(400, passing)).toMatchObject({ class: 'rejected', isPassing: true });
    expect(classify(400, { error: { code: 'x' } })).toMatchObject({ isPassing: false });
  });
});

test('a message is found in every envelope', () => {
  const page =
    '<html><head><style>h1{}</style></head><body><h1>403 Forbidden</h1>WAF</body></html>';
  for (const [body, message] of [
    [{ statusCode: 403, message: 'plain' }, 'plain'],
    [{ detail: 'a detail' }, 'a detail'],
    [
      { detail: [{ loc: ['body', 'size'], msg: 'too large' }, { msg: 'and wrong' }] },
      'body.size: too large; and wrong',
    ],
    [[{ error: { message: 'in a list' } }], 'in a list'],
    [{ errors: [{ message: 'one' }, 'two'] }, 'one; two'],
    [{ title: 'Unsupported', detail: 'the reason' }, 'the reason'],
    [{ fault: { faultstring: 'a fault' } }, 'a fault'],
    [{ error: 'a text', message: 'beside it' }, 'a text'],
    [page, '403 Forbidden WAF'],
    ['plain text', 'plain text'],
  ] as const)
    expect(classify(400, body)).toMatchObject({ message });
  expect(classify(422, { detail: [{ loc: ['body', 'size'], msg: 'no' }] })).toMatchObject({
    param: 'size',
  });
});

test('an envelope without end is read in no time', () => {
  let body: unknown = { code: 'content_filter' };
  for (let depth = 0; depth < 1_000; depth += 1)
    body = { error: body, detail: [body, body], details: body, innererror: body };
  expect(classify(400, body)).toMatchObject({ class: 'rejected' });
});

test('the parameter at fault is named', () => {
  const error = { message: 'Unknown parameter', param: 'style', code: 'unknown_parameter' };
  expect(classify(400, { error })).toMatchObject({ param: 'style', moderation: null });
});

test('messages are shortened and can be stored', () => {
  expect(classify(500, { error: { message: 'x'.repeat(5_000) } }).message).toHaveLength(1_000);
  const words = 'x'.repeat(997);
  expect(classify(400, { error: { message: `a\0b${words}😀😀` } }).message).toBe(`ab${words}😀`);
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
