import { parseRedisUrl } from '@kiln/shared/config/redis-url';
import { expect, test } from 'vitest';

const noLogin = { username: null, password: null, database: 0, isTls: false };

test.each(['redis://redis.example:6379', 'rediss://user:secret@redis.example/2?family=6'])(
  'the URL of one server is kept as it is: %s',
  (url) => {
    expect(parseRedisUrl(url)).toEqual({ kind: 'server', url });
  },
);

test.each([
  [
    'redis-sentinel://one,two:26380,[fd00::1]:5/kiln',
    {
      kind: 'sentinel',
      hosts: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
        { host: 'fd00::1', port: 5 },
      ],
      primary: 'kiln',
      sentinelPassword: null,
      login: noLogin,
    },
  ],
  [
    'rediss-sentinel://kiln:p%40ss@one/my%20primary?db=3&sentinel_password=other',
    {
      kind: 'sentinel',
      hosts: [{ host: 'one', port: 26_379 }],
      primary: 'my primary',
      sentinelPassword: 'other',
      login: { username: 'kiln', password: 'p@ss', database: 3, isTls: true },
    },
  ],
  [
    'redis-cluster://:secret@one:7000,two:7001',
    {
      kind: 'cluster',
      hosts: [
        { host: 'one', port: 7000 },
        { host: 'two', port: 7001 },
      ],
      login: { ...noLogin, password: 'secret' },
    },
  ],
])('%s', (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});

test.each([
  'redis-sentinel://one,two', // no name of the primary
  'redis-sentinel:///kiln',
  'redis-cluster://one/kiln',
  'redis-cluster://one:99999',
  'redis-sentinel://one/kiln?db=first',
  'http://one',
  'redis://one:6379,two:6379',
  'one',
])('"%s" has none of the forms', (url) => {
  expect(parseRedisUrl(url)).toBeNull();
});
