import { parseWebhookAllow, type WebhookAllowance } from '@kiln/shared/config/webhook-allow';
import { kindOfAddress } from '@kiln/shared/webhooks/address-rules';
import { createEgress } from '@kiln/shared/webhooks/egress';
import type { Resolution } from '@kiln/shared/webhooks/resolve-host';
import { describe, expect, test } from 'vitest';
import { internalUrls } from '../../support/network/internal-urls.ts';

const found = (...addresses: string[]): Resolution => ({ status: 'found', addresses });

function egressOf(allow = '', names: Record<string, Resolution> = {}) {
  const problems: string[] = [];
  const allowed = parseWebhookAllow(allow, problems);
  expect(problems).toEqual([]);
  return createEgress({
    allowed,
    resolve: async (host) =>
      names[host] ?? (host === 'localhost' ? found('127.0.0.1', '::1') : { status: 'unknown' }),
  });
}

describe('without an allowance', () => {
  const egress = egressOf('', { 'example.com': found('93.184.215.14') });

  test.each(internalUrls)('%s is refused', async (url) => {
    const text = url.replace('PORT', '4711');
    expect(await egress.check(text)).toMatchObject({ status: 'refused' });
    const outcome = await egress.post({
      url: text,
      headers: {},
      body: '{}',
      timeoutMs: 1_000,
      signal: AbortSignal.timeout(5_000),
    });
    expect(outcome).toEqual({
      status: 'failed',
      error: expect.stringMatching(/^(url|address)_refused$/) as string,
    });
  });

  test('the list contains at least 60 URLs', () => {
    expect(new Set(internalUrls).size).toBeGreaterThanOrEqual(60);
  });

  test.each([
    'https://example.com/',
    'https://example.com:8443/hook?x=1',
    'https://93.184.215.14/',
    'https://[2606:2800:21f:cb07::1]/',
    'https://EXAMPLE.com./',
  ])('%s is accepted', async (url) =>
    expect(await egress.check(url)).toEqual({ status: 'accepted' }),
  );
});

test('a name with one internal address among public ones is refused', async () => {
  const egress = egressOf('', { 'both.example': found('93.184.215.14', '10.0.0.1') });
  expect(await egress.check('https://both.example/')).toMatchObject({ status: 'refused' });
});

test('an internal name and an unknown name are refused with the same message', async () => {
  const egress = egressOf('', { 'inside.example': found('10.0.0.1') });
  const [inside, unknown] = await Promise.all([
    egress.check('https://inside.example/'),
    egress.check('https://nowhere.example/'),
  ]);
  expect(inside).toEqual(unknown);
});

test('a URL is undecided while no name server answers', async () => {
  const egress = egressOf('', { 'slow.example': { status: 'unavailable' } });
  expect(await egress.check('https://slow.example/')).toEqual({ status: 'undecided' });
});

describe('with allowances', () => {
  const names = {
    'hooks.corp.example': found('10.1.2.3'),
    'other.corp.example': found('10.1.2.4'),
    'evil.example': found('169.254.169.254'),
  };

  test.each([
    ['127.0.0.0/8', 'http://127.0.0.1:3000/'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000/'],
    ['localhost', 'http://localhost:3000/'],
    ['[::1]:3000', 'http://[::1]:3000/'],
    ['[fd00::]/8', 'https://[fd12::1]:9999/'],
    ['10.0.0.0/8:443', 'https://hooks.corp.example/'],
    ['HOOKS.corp.example', 'http://hooks.corp.example:81/'],
  ])('%s allows %s', async (allow, url) =>
    expect(await egressOf(allow, names).check(url)).toEqual({ status: 'accepted' }),
  );

  test.each([
    ['127.0.0.1:3000', 'http://127.0.0.1:3001/'],
    ['127.0.0.1', 'http://127.0.0.2:3000/'],
    ['127.0.0.0/8', 'http://[::ffff:127.0.0.1]:3000/'],
    ['hooks.corp.example', 'https://other.corp.example/'],
    ['10.0.0.0/8:443', 'http://hooks.corp.example:80/'],
    ['0.0.0.0/0', 'http://169.254.169.254/latest/'],
    ['0.0.0.0/0', 'http://168.63.129.16/'],
    ['[::]/0', 'http://[fd00:ec2::254]/'],
    ['[::]/0', 'http://[64:ff9b::a9fe:a9fe]/'],
    ['evil.example', 'http://evil.example/'],
    ['100.64.0.0/10', 'http://100.100.100.200/'],
    ['0.0.0.0/0', 'http://0.0.0.0:3000/'],
  ])('%s does not allow %s', async (allow, url) =>
    expect(await egressOf(allow, names).check(url)).toMatchObject({ status: 'refused' }),
  );

  test.each([
    '127.0.0.1/33',
    'host/8',
    '[::1',
    'http://host',
    'host:0',
    'host:70000',
    '0x7f.1',
    'a b',
  ])('the entry %s is a mistake', (entry) => {
    const problems: string[] = [];
    expect(parseWebhookAllow(`localhost, ${entry}`, problems)).toEqual<WebhookAllowance[]>([
      { kind: 'host', host: 'localhost', port: null },
    ]);
    expect(problems).toEqual([expect.stringContaining(`"${entry}"`)]);
  });
});

test.each([
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['127.0.0.1', 'internal'],
  ['::1', 'internal'],
  ['::', 'never'],
  ['fe80::1', 'internal'],
  ['fe80::1%lo', 'never'],
  ['64:ff9b::808:808', 'internal'],
  ['4000::1', 'internal'],
  // ISATAP: the lower half names an IPv4 address, whatever the prefix is.
  ['2606:4700::5efe:a00:1', 'internal'],
  ['2606:4700::200:5efe:127.0.0.1', 'internal'],
  ['2606:4700::5efe:a9fe:a9fe', 'never'],
  ['2606:4700::300:5efe:169.254.169.254', 'never'],
  ['2606:4700::1:5efe:a00:1', 'public'],
  ['no address', 'never'],
])('%s is %s', (address, kind) => expect(kindOfAddress(address)).toBe(kind));

/** The first and the last address of each network in IANA's special-purpose registries. */
test.each([
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.31.196.0', '192.31.196.255'],
  ['192.52.193.0', '192.52.193.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['192.175.48.0', '192.175.48.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['240.0.0.0', '255.255.255.254'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:fffe'],
  ['2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
])('%s to %s is not public', (first, last) => {
  expect(kindOfAddress(first)).not.toBe('public');
  expect(kindOfAddress(last)).not.toBe('public');
});
