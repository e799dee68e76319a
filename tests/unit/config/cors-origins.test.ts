/** `KILN_CORS_ORIGINS`: which origins are taken, how they are written, and what they allow. */
import { isAllowedOrigin, parseCorsOrigins } from '@kiln/shared/config/cors-origins';
import { describe, expect, test } from 'vitest';

const parse = (text: string, hasKeys = true) => {
  const problems: string[] = [];
  return { origins: parseCorsOrigins(text, hasKeys, problems), problems };
};

test.each([
  ['https://studio.example.com', ['https://studio.example.com']],
  [
    ' HTTPS://Studio.Example.com:443/ ,, http://localhost:5173 ',
    ['https://studio.example.com', 'http://localhost:5173'],
  ],
  ['https://bücher.example', ['https://xn--bcher-kva.example']],
  ['capacitor://localhost', ['capacitor://localhost']],
  ['https://a.example, *', ['*']],
  ['', []],
])('%s is %o', (text, origins) => {
  expect(parse(text)).toEqual({ origins, problems: [] });
});

test.each([
  'studio.example.com',
  'https://studio.example.com/app',
  'https://*.example.com',
  'https://user@example.com',
  'null',
  'https://a.example https://b.example',
])('%s is no origin', (text) => {
  const { origins, problems } = parse(text);
  expect(origins).toEqual([]);
  expect(problems).toEqual([expect.stringContaining(`KILN_CORS_ORIGINS contains "${text}"`)]);
});

test('every page may call Kiln only where callers need a key', () => {
  expect(parse('*', false).problems).toEqual([expect.stringContaining('set KILN_API_KEYS')]);
});

describe('an origin is allowed', () => {
  test.each([
    [['https://a.example'], 'https://a.example', true],
    [['https://a.example'], 'http://a.example', false],
    [['https://a.example'], 'https://a.example:8443', false],
    [['https://a.example'], 'https://evil-a.example', false],
    [['*'], 'https://anything.example', true],
    [['*'], 'null', false],
    [[], 'https://a.example', false],
  ])('%o and %s: %s', (origins, origin, isAllowed) => {
    expect(isAllowedOrigin(origins, origin)).toBe(isAllowed);
  });
});
