/** Passwords with special characters: they work, or are refused without being repeated. */
import { parseConfig } from '@kiln/shared/config';
import { addPassword } from '@kiln/shared/config/connection-url';
import { parseRedisUrl } from '@kiln/shared/config/redis-url';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { base, problemsOf } from './environments.ts';

const odd = [
  'p@ss',
  'p#ss',
  'p/ss',
  'p?ss',
  'p:ss',
  'p%ss',
  '100%',
  'p%41',
  '@',
  '#@/?:%[]',
  'p ss',
  'p\'"\\ss',
  'påß🔑',
  '1#2',
];

describe('DATABASE_PASSWORD', () => {
  test.each(odd)('%s reaches PostgreSQL as it is', (DATABASE_PASSWORD) => {
    const { databaseUrl } = parseConfig({
      ...base,
      DATABASE_URL: 'postgres://kiln@db:5433/kiln?application_name=a',
      DATABASE_PASSWORD,
    });
    expect(new pg.Client({ connectionString: databaseUrl })).toMatchObject({
      user: 'kiln',
      password: DATABASE_PASSWORD,
      host: 'db',
      port: 5433,
      database: 'kiln',
    });
  });

  test('is not used where the URL has a password', () => {
    expect(parseConfig({ ...base, DATABASE_PASSWORD: 'other' }).databaseUrl).toBe(
      base.DATABASE_URL,
    );
  });
});

describe('REDIS_PASSWORD', () => {
  test.each(odd)('%s reaches Redis as it is', (REDIS_PASSWORD) => {
    const { redisUrl } = parseConfig({
      ...base,
      REDIS_URL: 'redis://cache:6380/1',
      REDIS_PASSWORD,
    });
    const url = new URL(redisUrl ?? '');
    expect([url.host, url.pathname, decodeURIComponent(url.password)]).toEqual([
      'cache:6380',
      '/1',
      REDIS_PASSWORD,
    ]);
    const sentinels = addPassword('redis-sentinel://one,two/kiln?db=1', REDIS_PASSWORD);
    expect(parseRedisUrl(sentinels)).toMatchObject({
      hosts: [{ host: 'one' }, { host: 'two' }],
      login: { username: null, password: REDIS_PASSWORD, database: 1 },
    });
  });

  test.each([
    ['redis://user@cache', 'redis://user:new@cache'],
    ['redis://user:@cache', 'redis://user:new@cache'],
    ['redis://:old@cache', 'redis://:old@cache'],
    ['redis-cluster://old@one,two', 'redis-cluster://old@one,two'],
    ['redis-cluster://user:@one,two', 'redis-cluster://user:new@one,two'],
  ])('%s becomes %s', (url, expected) => {
    expect(addPassword(url, 'new')).toBe(expected);
  });
});

describe('a password in the URL', () => {
  test.each(['p@ss', 'p@s@s', 'p%40ss', "p'ss", 'p:ss'])('%s works', (password) => {
    const DATABASE_URL = `postgres://kiln:${password}@db/kiln`;
    const { databaseUrl } = parseConfig({ ...base, DATABASE_URL });
    expect(new pg.Client({ connectionString: databaseUrl })).toMatchObject({
      user: 'kiln',
      password: decodeURIComponent(password),
      host: 'db',
    });
    expect(parseRedisUrl(`redis-cluster://kiln:${password}@one,two`)).toMatchObject({
      hosts: [{ host: 'one' }, { host: 'two' }],
      login: { username: 'kiln', password: decodeURIComponent(password) },
    });
  });

  test.each([
    'S3CRET#more',
    '12#S3CRET',
    'S3CRET/more',
    '12/S3CRET',
    '12?S3CRET',
    '12#S3CRET@more',
    '#S3CRET',
    'S3CRET%',
    'S3CRET%zz',
    'S3CRET%ff',
  ])('%s is refused, and no part of it is repeated', (password) => {
    for (const [name, url] of [
      ['DATABASE_URL', `postgres://kiln:${password}@db/kiln`],
      ['REDIS_URL', `redis://kiln:${password}@cache`],
      ['REDIS_URL', `rediss-sentinel://kiln:${password}@one,two/kiln`],
      ['REDIS_URL', `redis-cluster://kiln:${password}@one`],
    ] as const) {
      const problems = problemsOf({ ...base, [name]: url });
      expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} has .*write .*%2`))]);
      expect(problems.join()).not.toMatch(/S3CRET|12|more/);
    }
  });
});
