/** `KILN_PUBLIC_URL`, `KILN_TRUST_PROXY` and `KILN_ALLOWED_HOSTS`, and what they refuse. */
import { contains, isLoopbackHost, parseHost } from '@kiln/shared/config/hosts';
import { parseTrustedProxies } from '@kiln/shared/config/public-address';
import { parseConfig } from '@kiln/shared/config';
import { expect, test } from 'vitest';
import { base, problemsOf } from './environments.ts';

test.each([
  ['https://kiln.example.com', 'https://kiln.example.com'],
  ['https://kiln.example.com/', 'https://kiln.example.com'],
  ['http://10.0.0.7:8080/a/b//', 'http://10.0.0.7:8080/a/b'],
])('KILN_PUBLIC_URL %s is %s', (text, publicUrl) => {
  expect(parseConfig({ ...base, KILN_PUBLIC_URL: text })).toMatchObject({
    publicUrl,
    warnings: [],
  });
});

test('KILN_PUBLIC_URL with /v1 at its end is taken with a warning', () => {
  const { publicUrl, warnings } = parseConfig({
    ...base,
    KILN_PUBLIC_URL: 'https://kiln.example.com/v1',
  });
  expect(publicUrl).toBe('https://kiln.example.com/v1');
  expect(warnings).toEqual([expect.stringMatching(/^KILN_PUBLIC_URL ends with \/v1/)]);
});

test.each([
  ['KILN_PUBLIC_URL', 'kiln.example.com', 'is not a URL'],
  ['KILN_PUBLIC_URL', 'ftp://kiln.example.com', 'is not a URL'],
  ['KILN_PUBLIC_URL', 'https://user:secret@kiln.example.com', 'has a user name'],
  ['KILN_PUBLIC_URL', 'https://kiln.example.com/?a=b', 'has a user name, a query'],
  ['KILN_TRUST_PROXY', 'true', 'contains "true"'],
  ['KILN_TRUST_PROXY', '0', 'contains "0"'],
  ['KILN_TRUST_PROXY', '11', 'contains "11"'],
  ['KILN_TRUST_PROXY', '10.0.0.0/8, proxy.internal', 'contains "proxy.internal"'],
  ['KILN_TRUST_PROXY', '10.0.0.0/33', 'contains "10.0.0.0/33"'],
  ['KILN_ALLOWED_HOSTS', 'https://kiln.example.com', 'contains "https://kiln.example.com"'],
  ['KILN_ALLOWED_HOSTS', 'kiln.example.com/a', 'contains "kiln.example.com/a"'],
  ['KILN_ALLOWED_HOSTS', '*', 'contains "*"'],
  ['KILN_ALLOWED_HOSTS', '*.10.0.0.1', 'contains "*.10.0.0.1"'],
])('%s=%s is refused', (name, value, message) => {
  const problems = problemsOf({ ...base, [name]: value });
  expect(problems).toEqual([expect.stringContaining(`${name} ${message}`)]);
  expect(problems.join()).not.toContain('secret');
});

test('KILN_TRUST_PROXY takes addresses and networks', () => {
  const problems: string[] = [];
  const trusted = parseTrustedProxies('127.0.0.1, 10.0.0.0/8 [fd00::]/8,::1', problems);
  expect(problems).toEqual([]);
  if (trusted.kind !== 'networks') throw new Error('these are networks');
  const isTrusted = (address: string): boolean => contains(trusted.networks, address);
  expect(['127.0.0.1', '::ffff:127.0.0.1', '10.9.9.9', 'fd12::1', '::1'].map(isTrusted)).toEqual(
    Array.from({ length: 5 }, () => true),
  );
  expect(['127.0.0.2', '11.0.0.1', 'fe80::1', '', 'localhost'].map(isTrusted)).toEqual(
    Array.from({ length: 5 }, () => false),
  );
});

test.each([
  ['Kiln.Example.com:8080', 'kiln.example.com', '8080'],
  ['localhost.', 'localhost', null],
  ['127.1:80', '127.0.0.1', '80'],
  ['[::1]:8080', '::1', '8080'],
  ['my_host', 'my_host', null],
])('the host %s is %s, port %s', (text, name, port) => {
  expect(parseHost(text)).toEqual({ name, port });
});

test.each(['', ':80', 'a b', 'a/b', 'a@b', 'a:port', 'a:1:2', '::1', '[::1', 'a\\b', 'a#b', 'a,b'])(
  '%j is not a host',
  (text) => {
    expect(parseHost(text)).toBeNull();
  },
);

test('loopback names', () => {
  const own = ['localhost', 'kiln.localhost', '127.0.0.1', '127.9.9.9', '::1', '::ffff:7f00:1'];
  expect(own.filter((host) => !isLoopbackHost(host))).toEqual([]);
  const others = ['127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0', '10.0.0.1', '::'];
  expect(others.filter(isLoopbackHost)).toEqual([]);
});
