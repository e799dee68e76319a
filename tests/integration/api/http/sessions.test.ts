/** `/v1/session`: a browser trades a key for a cookie, which works as the key does. */
import { createApiKeys } from '@kiln/shared/access/api-keys';
import { createSessionDeps } from '@kiln/shared/services/access/sessions';
import { createCompositor } from '@kiln/shared/services/derivatives/compositor';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { engineNamed, readError, readJob } from '../support.ts';

const [key, otherKey] = ['a-key-of-the-page', 'another-key-of-the-page'] as const;
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_API_KEYS: `${key},${otherKey}`, KILN_TRUST_PROXY: '127.0.0.1' },
});
const { pool } = kiln.deps.records;

interface SessionAnswer {
  object: string;
  authenticated: boolean;
  keys_required: boolean;
  method: string | null;
  created_at: number | null;
  expires_at: number | null;
}

const asBrowser = { origin: kiln.url, 'sec-fetch-site': 'same-origin' };

/** Each test has an address of its own, so that the limit of attempts is its own. */
let address = 0;
beforeEach(() => (address += 1));
const from = () => ({ 'x-forwarded-for': `192.0.2.${address}` });

function signIn(given: string = key, headers: Record<string, string> = {}): Promise<Response> {
  return postJson(
    `${kiln.url}/v1/session`,
    { key: given },
    { ...asBrowser, ...from(), ...headers },
  );
}

/** The pair of name and value in `Set-Cookie`. */
function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function signedIn(headers: Record<string, string> = {}): Promise<{ cookie: string }> {
  const response = await signIn(key, headers);
  expect(response.status).toBe(200);
  return { cookie: cookieOf(response) };
}

async function readSession(headers: Record<string, string>): Promise<SessionAnswer> {
  const response = await kiln.request('/v1/session', { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as SessionAnswer;
}

/** Moves the end of every session, as if time had passed. */
async function passHours(hours: number): Promise<void> {
  await pool.query('update kiln.sessions set expires_at = expires_at - $1::float8 * $2::interval', [
    hours,
    '1 hour',
  ]);
}

test('a key is traded for a cookie that scripts and other sites do not get', async () => {
  const response = await signIn();
  const session = (await response.json()) as SessionAnswer;
  expect(session).toMatchObject({
    object: 'session',
    authenticated: true,
    keys_required: true,
    method: 'session',
  });
  expect((session.expires_at ?? 0) - (session.created_at ?? 0)).toBe(7 * 24 * 3_600);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('set-cookie')).toMatch(
    /^kiln_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
  );
  // The records have neither the token nor the key.
  const [, token = ''] = cookieOf(response).split('=');
  const { rows } = await pool.query('select s::text as text from kiln.sessions s');
  const stored = JSON.stringify(rows);
  for (const secret of [token, key])
    for (const form of [secret, Buffer.from(secret).toString('hex')])
      expect(stored).not.toContain(form);
});

test('the cookie works as the key does: jobs, pictures, event streams', async () => {
  const headers = await signedIn();
  const submitted = await postJson(
    `${kiln.url}/v1/jobs`,
    { prompt: 'A boat' },
    { ...headers, ...asBrowser, prefer: 'wait=60' },
  );
  const job = await readJob(submitted);
  expect(job.status).toBe('succeeded');
  for (const path of [
    `/v1/jobs/${job.id}`,
    `/v1/jobs/${job.id}/images/0`,
    `/v1/jobs/${job.id}/images/0?thumbnail`,
    '/v1/jobs',
  ])
    expect((await kiln.request(path, { headers })).status, path).toBe(200);
  const stream = await kiln.request('/v1/events', { headers });
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  await stream.body?.cancel();
  const token = await postJson(
    `${kiln.url}/v1/stream_tokens`,
    { stream: '/v1/events' },
    { ...headers, ...asBrowser },
  );
  const opened = await fetch(((await token.json()) as { url: string }).url);
  expect(opened.status).toBe(200);
  await opened.body?.cancel();
});

test('signing out ends the session and clears the cookie', async () => {
  const headers = await signedIn();
  expect((await kiln.request('/v1/jobs', { headers })).status).toBe(200);
  const response = await kiln.request('/v1/session', {
    method: 'DELETE',
    headers: { ...headers, ...asBrowser },
  });
  expect(await response.json()).toMatchObject({ authenticated: false, keys_required: true });
  expect(response.headers.get('set-cookie')).toMatch(/^kiln_session=; Path=\/; Max-Age=0;/);
  expect(await readError(await kiln.request('/v1/jobs', { headers }))).toMatchObject({
    status: 401,
    code: 'invalid_session',
    param: 'Cookie',
  });
  const again = { method: 'DELETE', headers: { ...headers, ...asBrowser } };
  expect((await kiln.request('/v1/session', again)).status).toBe(200);
  expect((await kiln.request('/v1/session', { method: 'DELETE' })).status).toBe(200);
});

test('signing in again ends the session that the browser had', async () => {
  const first = await signedIn();
  const second = await signedIn(first);
  expect(second.cookie).not.toBe(first.cookie);
  expect((await kiln.request('/v1/jobs', { headers: first })).status).toBe(401);
  expect((await kiln.request('/v1/jobs', { headers: second })).status).toBe(200);
});

describe('who am I', () => {
  test('nobody: the page shows its sign-in form', async () => {
    expect(await readSession({})).toEqual({
      object: 'session',
      authenticated: false,
      keys_required: true,
      method: null,
      created_at: null,
      expires_at: null,
    });
  });

  test('a cookie that has ended is cleared', async () => {
    const token = 'x'.repeat(43);
    for (const cookie of [`kiln_session=${token}`, 'kiln_session=', 'kiln_session=%00;;=;a']) {
      const response = await kiln.request('/v1/session', { headers: { cookie } });
      expect(await response.json()).toMatchObject({ authenticated: false });
      expect(response.headers.get('set-cookie')).toContain('Max-Age=0');
    }
  });

  test('a key', async () => {
    const authorization = `Bearer ${key}`;
    expect(await readSession({ authorization })).toMatchObject({
      authenticated: true,
      method: 'api_key',
      expires_at: null,
    });
    expect(await readSession({ authorization: 'Bearer wrong' })).toMatchObject({
      authenticated: false,
    });
  });

  test('a session, among other cookies', async () => {
    const { cookie } = await signedIn();
    expect(await readSession({ cookie: `a=b; ${cookie}; kiln_session=other; c=d` })).toMatchObject({
      authenticated: true,
      method: 'session',
    });
  });

  test('anybody, where Kiln has no keys', async () => {
    const open = await startKiln({ engine: engineNamed('postgres'), workers: false });
    const response = await open.request('/v1/session');
    expect(await response.json()).toMatchObject({
      authenticated: true,
      keys_required: false,
      method: null,
    });
    expect(await readError(await postJson(`${open.url}/v1/session`, { key }))).toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: 'key',
    });
  });
});

describe('a sign-in is refused', () => {
  test('with a wrong key', async () => {
    for (const wrong of ['a-key-of-the-pag', `${key} `, key.toUpperCase(), `${key},${otherKey}`]) {
      const response = await signIn(wrong);
      expect(response.headers.get('set-cookie')).toBeNull();
      const error = await readError(response);
      expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', param: 'key' });
      expect(error.message).not.toContain(wrong);
    }
  });

  test.each<[string, unknown, string]>([
    ['without a key', {}, 'key'],
    ['with an empty key', { key: '' }, 'key'],
    ['with a number', { key: 17 }, 'key'],
    ['with a key of 100,000 characters', { key: 'x'.repeat(100_000) }, 'key'],
    ['with an unknown field', { key, remember: true }, 'remember'],
  ])('%s', async (_what, body, param) => {
    const response = await postJson(`${kiln.url}/v1/session`, body, from());
    expect(await readError(response)).toMatchObject({ status: 400, param });
  });

  test('after five attempts of an address, while other addresses go on', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => signIn('a-wrong-key')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(5);
    const [first] = refused;
    expect(Number(first?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(first?.headers.get('retry-after-ms'))).toBeGreaterThan(0);
    expect(first && (await readError(first))).toMatchObject({ code: 'too_many_sign_ins' });
    address += 100;
    expect((await signIn()).status).toBe(200);
  });

  test('by a page of another site, which can sign nobody in', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect(await readError(await signIn(key, headers))).toMatchObject({ code: 'cross_site' });
  });
});

describe('a request with a cookie that changes something', () => {
  const submit = (headers: Record<string, string>) =>
    postJson(`${kiln.url}/v1/jobs`, { prompt: 'A boat' }, headers);

  test('is refused when it does not say where it comes from', async () => {
    const cookie = await signedIn();
    expect(await readError(await submit(cookie))).toMatchObject({
      status: 403,
      code: 'cross_site',
      param: 'Origin',
    });
    const signOut = await kiln.request('/v1/session', { method: 'DELETE', headers: cookie });
    expect(await readError(signOut)).toMatchObject({ code: 'cross_site' });
    expect((await kiln.request('/v1/jobs', { headers: cookie })).status).toBe(200);
  });

  test.each<[string, Record<string, string>, number]>([
    ['from its own page', { 'sec-fetch-site': 'same-origin' }, 202],
    ['from its own origin', { origin: kiln.url }, 202],
    ['from a program that says so', { 'x-requested-with': 'a script' }, 202],
    ['from a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from a page of another origin', { origin: 'https://evil.example' }, 403],
    [
      'from a page that says so',
      { 'sec-fetch-site': 'same-site', 'x-requested-with': 'XMLHttpRequest' },
      403,
    ],
  ])('%s', async (_what, headers, status) => {
    expect((await submit({ ...(await signedIn()), ...headers })).status).toBe(status);
  });

  test('a key in a header decides, not the cookie beside it', async () => {
    const cookie = await signedIn();
    expect((await submit({ ...cookie, authorization: `Bearer ${key}` })).status).toBe(202);
    const wrong = await submit({ ...cookie, ...asBrowser, authorization: 'Bearer wrong' });
    expect(await readError(wrong)).toMatchObject({ code: 'invalid_api_key' });
  });
});

describe('a session ends', () => {
  test('after seven days without a request, and not earlier', async () => {
    const headers = await signedIn();
    await passHours(7 * 24 - 1);
    const used = await kiln.request('/v1/jobs', { headers });
    expect(used.status).toBe(200);
    // The end was moved, and the browser keeps its cookie as long.
    expect(cookieOf(used)).toBe(headers.cookie);
    expect(used.headers.get('set-cookie')).toContain('Max-Age=604800');
    const { expires_at: expiresAt } = await readSession(headers);
    expect(Math.abs((expiresAt ?? 0) - Date.now() / 1000 - 7 * 24 * 3_600)).toBeLessThan(600);
    await passHours(7 * 24 + 1);
    expect((await kiln.request('/v1/jobs', { headers })).status).toBe(401);
  });

  test('and its end is moved at most once an hour', async () => {
    const headers = await signedIn();
    const isSent = async () =>
      (await kiln.request('/v1/jobs', { headers })).headers.get('set-cookie') !== null;
    expect(await isSent()).toBe(false);
    await passHours(0.5);
    expect(await isSent()).toBe(false);
    await passHours(1);
    const answers = await Promise.all(Array.from({ length: 5 }, isSent));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test('with its key, on the next request, and not with another key', async () => {
    const [one, other] = [await signIn(key), await signIn(otherKey)].map(cookieOf);
    const api = createApiDeps(kiln.deps, new AbortController().signal);
    // A process that was started with one of the keys only.
    const sessions = createSessionDeps(kiln.deps.records.db, createApiKeys([otherKey]));
    const app = await buildApp({ ...api, sessions }, kiln.deps.log);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    atEndOfFile(async () => {
      await app.close();
      await api.close();
    });
    const read = (cookie = '') => fetch(`${url}/v1/jobs`, { headers: { cookie } });
    expect(await readError(await read(one))).toMatchObject({ code: 'invalid_session' });
    expect((await read(other)).status).toBe(200);
  });

  test('and maintenance deletes those that have ended', async () => {
    const headers = await signedIn();
    await passHours(7 * 24 + 1);
    const kept = await signedIn();
    const { records, store, log, config } = kiln.deps;
    const stopping = new AbortController().signal;
    const compositor = createCompositor({ ...kiln.deps, db: records.db });
    await runMaintenance(
      { config, db: records.db, store, compositor, log, stopping },
      'delete_expired',
    );
    const { rows } = await pool.query('select from kiln.sessions');
    expect(rows).toHaveLength(1);
    expect((await kiln.request('/v1/jobs', { headers })).status).toBe(401);
    expect((await kiln.request('/v1/jobs', { headers: kept })).status).toBe(200);
  });

  test('for the one that would end first, when a key has a thousand', async () => {
    await pool.query(
      `insert into kiln.sessions (token_hash, project_id, key_hash, expires_at)
       select sha256(n::text::bytea), 'default', sha256($1), now() + n * interval '1 second'
       from generate_series(3600, 4800) n`,
      [Buffer.from(otherKey)],
    );
    await signIn(otherKey);
    const { rows } = await pool.query<{ count: number }>(
      'select count(*) from kiln.sessions where key_hash = sha256($1)',
      [Buffer.from(otherKey)],
    );
    expect(rows[0]?.count).toBe(1_000);
  });
});

describe('behind a proxy', () => {
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'kiln.example.com' };
  const page = { ...https, origin: 'https://kiln.example.com' };

  test('with TLS the cookie is secure and bound to the host', async () => {
    const response = await signIn(key, page);
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-kiln_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure$/,
    );
    const cookie = cookieOf(response);
    expect((await kiln.request('/v1/jobs', { headers: { ...https, cookie } })).status).toBe(200);
    // A cookie that anybody on the network could have planted is not read.
    const planted = cookie.replace('__Host-', '');
    const refused = await kiln.request('/v1/jobs', { headers: { ...https, cookie: planted } });
    expect(await readError(refused)).toMatchObject({ code: 'missing_api_key' });
  });

  test('below a prefix the cookie is valid for the prefix only', async () => {
    const response = await signIn(key, { ...page, 'x-forwarded-prefix': '/kiln' });
    expect(response.headers.get('set-cookie')).toMatch(
      /^kiln_session=[\w-]{43}; Path=\/kiln; Max-Age=604800; HttpOnly; SameSite=Strict; Secure$/,
    );
  });
});
