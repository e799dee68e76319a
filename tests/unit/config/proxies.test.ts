/** Which requests go through a proxy: HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
import { parseConfig } from '@kiln/shared/config';
import { describeProxy, proxyFor } from '@kiln/shared/config/proxies';
import { describe, expect, test } from 'vitest';
import { base, problemsOf } from './environments.ts';

const proxy = 'http://proxy.corp:3128';

function proxyOf(address: string, environment: Record<string, string>): string | null {
  const { proxies } = parseConfig({ ...base, ...environment });
  const found = proxyFor(proxies, new URL(address));
  return found && describeProxy(found);
}

describe('a proxy is chosen by the protocol of the destination', () => {
  test.each([
    ['https://api.example', { HTTPS_PROXY: proxy }, proxy],
    ['https://api.example', { https_proxy: proxy }, proxy],
    [
      'https://api.example',
      { https_proxy: 'http://lower:1', HTTPS_PROXY: proxy },
      'http://lower:1',
    ],
    ['https://api.example', { https_proxy: ' ', HTTPS_PROXY: proxy }, proxy],
    ['https://api.example', { HTTP_PROXY: proxy }, null],
    ['http://api.example', { HTTP_PROXY: proxy }, proxy],
    ['http://api.example', { http_proxy: proxy }, proxy],
    ['http://api.example', { HTTPS_PROXY: proxy }, null],
    ['https://api.example', { HTTPS_PROXY: 'proxy.corp:3128' }, proxy],
    ['https://api.example', { HTTPS_PROXY: 'https://proxy.corp' }, 'https://proxy.corp'],
    ['https://api.example', { HTTPS_PROXY: 'http://user:p%40ss@proxy.corp:3128/' }, proxy],
    ['https://api.example', {}, null],
  ])('%s with %o: %s', (address, environment, expected) => {
    expect(proxyOf(address, environment)).toBe(expected);
  });
});

describe('NO_PROXY', () => {
  test.each([
    ['*', 'https://api.example', true],
    ['*:8443', 'https://api.example', false],
    ['*:8443', 'https://api.example:8443', true],
    ['api.example', 'https://api.example', true],
    ['API.example.', 'https://api.EXAMPLE.', true],
    ['example', 'https://api.example', true],
    ['.example', 'https://api.example', true],
    ['.api.example', 'https://api.example', true],
    ['*.example', 'https://a.b.example', true],
    ['ample', 'https://api.example', false],
    ['api.example', 'https://api.example.org', false],
    ['api.example:443', 'https://api.example', true],
    ['api.example:8443', 'https://api.example', false],
    ['other.example, api.example', 'https://api.example', true],
    ['other.example api.example', 'https://api.example', true],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['10.1.2.3', 'https://10.1.2.4', false],
    ['10.0.0.0/8', 'https://10.200.0.1:9000', true],
    ['10.0.0.0/8:9000', 'https://10.200.0.1:9000', true],
    ['10.0.0.0/8:9001', 'https://10.200.0.1:9000', false],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/8', 'https://ten.example', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['[fd00::]/8', 'https://[fd12::1]', true],
    ['[fd00::]/8:443', 'https://[fd12::1]:8443', false],
    ['fd12::1', 'https://[fd12::1]', true],
    ['[fd12::1]:8443', 'https://[fd12::1]:8443', true],
    ['fd00::/8', 'https://[fe00::1]', false],
  ])('%s excepts %s: %s', (rule, address, isDirect) => {
    expect(proxyOf(address, { HTTPS_PROXY: proxy, NO_PROXY: rule })).toBe(isDirect ? null : proxy);
    expect(proxyOf(address, { HTTPS_PROXY: proxy, no_proxy: rule })).toBe(isDirect ? null : proxy);
  });

  test.each([
    'http://localhost:9000',
    'http://kiln.localhost',
    'http://127.0.0.1:9000',
    'http://127.8.8.8',
    'http://[::1]:80',
    'http://169.254.169.254/metadata',
    'http://168.63.129.16',
    'http://[fd00:ec2::254]',
  ])('is not needed for %s: this machine and its metadata services', (address) => {
    expect(proxyOf(address, { HTTP_PROXY: proxy })).toBeNull();
  });

  test('is needed for this machine where the proxy runs on it too; not for the simulator', () => {
    const local = { HTTP_PROXY: 'http://127.0.0.1:3128' };
    expect(proxyOf('http://127.0.0.1:9310', local)).toBe('http://127.0.0.1:3128');
    expect(proxyOf('http://localhost:9310', local)).toBe('http://127.0.0.1:3128');
    const excepted = { ...local, NO_PROXY: 'localhost,127.0.0.0/8' };
    expect(proxyOf('http://127.0.0.1:9310', excepted)).toBeNull();
    expect(proxyOf('http://localhost:9310', excepted)).toBeNull();
    expect(proxyOf('http://169.254.169.254', local)).toBeNull();
    expect(proxyOf(base.KILN_SIMULATOR_URL, local)).toBeNull();
  });

  test.each(['169.254/16', '10.0.0.0/33', '10.0.0.0/', 'http://api.example', 'a b:99999', 'x@y'])(
    '"%s" matches nothing, which is a warning',
    (rule) => {
      const { warnings } = parseConfig({ ...base, HTTPS_PROXY: proxy, NO_PROXY: rule });
      expect(warnings).toEqual([
        expect.stringMatching(/^NO_PROXY contains ".*", which matches nothing; an entry is a host/),
      ]);
    },
  );
});

test.each([
  [
    'socks5://user:secret@proxy:1080',
    /^HTTPS_PROXY names a proxy of the kind socks5:\/\/; allowed/,
  ],
  ['http://', /^HTTPS_PROXY is not the address of a proxy; allowed: http:\/\/host:port/],
  ['http://user:100%secret@proxy', /^HTTPS_PROXY has a user or password with a "%"/],
])('a proxy that cannot be used is refused without its password: %s', (value, expected) => {
  const [problem, ...others] = problemsOf({ ...base, HTTPS_PROXY: value });
  expect(problem).toMatch(expected);
  expect(problem).not.toContain('secret');
  expect(others).toEqual([]);
});

test('a mistake is reported under the name by which the variable is set', () => {
  expect(problemsOf({ ...base, https_proxy: 'ftp://proxy' })).toEqual([
    expect.stringMatching(/^https_proxy /),
  ]);
});

test('ALL_PROXY is not heeded, which is a warning', () => {
  expect(parseConfig({ ...base, ALL_PROXY: 'socks5://proxy' }).warnings).toEqual([
    'ALL_PROXY is not heeded: set HTTPS_PROXY and HTTP_PROXY instead',
  ]);
  const both = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, all_proxy: proxy };
  expect(parseConfig({ ...base, ...both }).warnings).toEqual([]);
});
