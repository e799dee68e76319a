/**
 * A database that is stopped, or accepts connections and stays silent: every route reports it
 * within seconds, and works again when the database does.
 */
import type { Job } from '@kiln/shared/schemas/job';
import { expect, onTestFinished, test } from 'vitest';
import { startPrivatePostgres } from '../../../support/engines/database.ts';
import { withClient } from '../../../support/engines/postgres-server.ts';
import { postJson, startKiln, type TestKiln } from '../../../support/kiln.ts';
import { openSilentProxy } from '../../../support/network/silent-proxy.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { callsOf, ledgerOf } from '../../worker/support.ts';
import { readError } from '../support.ts';

/** Seconds a caller accepts to wait, well below the timeouts of common proxies. */
const longestMs = 40_000;
/**
 * That of the API in production. Only silence takes that long: a stopped server refuses at once.
 */
const statementTimeoutMs = 4_000;
/** Routes that need no database, or report on it. */
const others = [
  'GET /livez',
  'GET /readyz',
  'GET /v1/models',
  'GET /v1/models/{model}',
  'GET /v1/batches/template.csv',
  // Without keys there are no sessions.
  'POST /v1/session',
  'GET /v1/session',
  'DELETE /v1/session',
  'POST /v1/stream_tokens',
];

interface Operation {
  name: string;
  method: string;
  path: string;
}

/** Every route, for a job that exists. */
async function operationsOf(kiln: TestKiln, jobId: string): Promise<Operation[]> {
  const { paths } = (await (await kiln.request('/openapi.json')).json()) as {
    paths: Record<string, object>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((each) => {
      const method = each.toUpperCase();
      const filled = path
        .replace('{id}', jobId)
        .replace('{index}', '0')
        .replace('{name}', 'default')
        .replace('{deployment}', 'simulator');
      return { name: `${method} ${path}`, method, path: filled };
    }),
  );
}

function ask(kiln: TestKiln, { name, method, path }: Operation): Promise<Response> {
  const bodies: Record<string, object> = {
    'POST /v1/jobs': { prompt: 'nobody hears this' },
    'POST /v1/jobs/validate': { prompt: 'nobody hears this' },
    'POST /v1/images/generations': { prompt: 'nobody hears this' },
    'POST /v1/images/edits': { prompt: 'nobody hears this', images: [{ file_id: 'file-1' }] },
    'POST /openai/deployments/{deployment}/images/generations': { prompt: 'nobody hears this' },
    'POST /openai/deployments/{deployment}/images/edits': {
      prompt: 'nobody hears this',
      images: [{ file_id: 'file-1' }],
    },
    'POST /v1/jobs/{id}/resolve': { action: 'fail' },
    'PATCH /v1/jobs/{id}': { priority: 'bulk' },
    'PATCH /v1/batches/{id}': { priority: 'bulk' },
    'POST /v1/webhook_endpoints': { url: 'https://93.184.215.14/' },
    'PATCH /v1/webhook_endpoints/{id}': { status: 'disabled' },
    'POST /v1/webhook_endpoints/{id}/redeliver': { since: 0 },
    'PATCH /v1/images/{id}/{index}': { rating: 5 },
    'POST /v1/albums': { name: 'Best' },
    'PATCH /v1/albums/{id}': { name: 'Better' },
    'POST /v1/albums/{id}/images': { images: ['job_1/0'] },
    'DELETE /v1/albums/{id}/images': { images: ['job_1/0'] },
    'POST /v1/selections': { images: ['job_1/0'] },
    'POST /v1/bulk_actions': { action: 'trash', images: ['job_1/0'] },
    'POST /v1/batches': { input_file_id: 'file-1' },
    'POST /v1/finals': { select: { jobs: ['job_1'] } },
    'POST /v1/batches/{id}/finals': { select: { starred: true } },
    'POST /v1/jobs/{id}/finals': {},
    'POST /v1/batches/validate': { input_file_id: 'file-1' },
  };
  const body = bodies[name];
  if (name === 'POST /v1/files') return kiln.request(path, { method, body: fileForm() });
  return kiln.request(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
}

function fileForm(): FormData {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new File(['{}'], 'rows.jsonl'));
  return form;
}

/** Sends all requests at once: more than there are connections. */
async function expectEveryRouteToSaySo(
  kiln: TestKiln,
  operations: readonly Operation[],
): Promise<void> {
  const asked = operations.filter(({ name }) => !others.includes(name));
  expect(asked.length).toBeGreaterThan(10);
  await Promise.all(
    [...asked, ...asked].map(async (operation) => {
      const startedAtMs = performance.now();
      const response = await ask(kiln, operation);
      expect({ route: operation.name, ...(await readError(response)) }).toMatchObject({
        route: operation.name,
        status: 503,
        code: 'database_unavailable',
      });
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(performance.now() - startedAtMs).toBeLessThan(longestMs);
    }),
  );
  // Allow a retry, because the machine may be busy.
  const tookMs: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    const askedAtMs = performance.now();
    const ready = await kiln.request('/readyz');
    tookMs.push(performance.now() - askedAtMs);
    expect([ready.status, await ready.json()]).toMatchObject([503, { database: 'unavailable' }]);
  }
  expect(Math.min(...tookMs)).toBeLessThan(2_000);
  for (const path of ['/livez', '/v1/models']) expect((await kiln.request(path)).status).toBe(200);
}

/** An API whose database can be stopped without stopping that of other tests. */
async function startOnPrivatePostgres() {
  const postgres = await startPrivatePostgres();
  const engine = {
    databaseUrl: postgres.url,
    redisUrl: null,
    prefix: '',
    close: async () => undefined,
  };
  const kiln = await startKiln({ engine, workers: false });
  return { postgres, kiln };
}

/** A managed server does so when its disk is full, and a primary that became a standby. */
async function setReadOnly(url: string, isReadOnly: boolean): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(
      `alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
    );
    await client.query('select pg_reload_conf()');
  });
}

async function expectBack(kiln: TestKiln, jobId: string): Promise<void> {
  await waitFor(async () => (await kiln.request('/readyz')).status === 200, {
    what: 'the API to be ready',
  });
  for (const path of [`/v1/jobs/${jobId}`, '/v1/jobs', '/v1/pools'])
    expect((await kiln.request(path)).status).toBe(200);
  expect((await kiln.submit()).status).toBe('queued');
}

test('a stopped database is reported by every route', async () => {
  const { postgres, kiln } = await startOnPrivatePostgres();
  const { id } = await kiln.submit();
  const operations = await operationsOf(kiln, id);
  await postgres.stop('immediate');
  await expectEveryRouteToSaySo(kiln, operations);
  await postgres.start();
  await expectBack(kiln, id);
});

test('a read-only database is not ready, and jobs are accepted when it writes again', async () => {
  const { postgres, kiln } = await startOnPrivatePostgres();
  const { id } = await kiln.submit();
  await setReadOnly(postgres.url, true);
  await waitFor(async () => (await kiln.request('/readyz')).status === 503, {
    what: 'the API not to be ready',
  });
  expect(
    await readError(await postJson(`${kiln.url}/v1/jobs`, { prompt: 'A boat' })),
  ).toMatchObject({ status: 503, code: 'database_unavailable' });
  await setReadOnly(postgres.url, false);
  await expectBack(kiln, id);
});

test('a job whose caller disconnects is cancelled when the database is back', async () => {
  const { postgres, kiln } = await startOnPrivatePostgres();
  const leaving = new AbortController();
  const answer = fetch(`${kiln.url}/v1/images/generations`, {
    method: 'POST',
    body: JSON.stringify({ prompt: 'soon gone' }),
    headers: { 'content-type': 'application/json' },
    signal: leaving.signal,
  });
  const jobs = async () => (await (await kiln.request('/v1/jobs')).json()) as { data?: Job[] };
  const job = await waitFor(async () => (await jobs()).data?.[0], { what: 'its job' });
  // The API tells a caller that waits for longer where its job is.
  const stopped = postgres.stop('immediate');
  leaving.abort();
  await expect(answer).rejects.toThrow();
  await stopped;
  // Wait until the API has noticed that the caller and the database are gone.
  await waitFor(async () => (await kiln.request('/readyz')).status === 503, {
    what: 'the API to notice',
  });
  await postgres.start();
  await kiln.ended(job.id, ['cancelled']);
});

test('with a silent database no call is made, and a running call is recorded later', async () => {
  const proxy = await openSilentProxy((await startPrivatePostgres()).url);
  const engine = {
    databaseUrl: proxy.url,
    redisUrl: null,
    prefix: '',
    close: async () => undefined,
  };
  // The second call is due while the database is silent.
  const kiln = await startKiln({
    engine,
    env: { KILN_RPM: '12' },
    simulator: { gate: true },
    statementTimeoutMs,
  });
  onTestFinished(() => proxy.speak());
  const underWay = await kiln.submit();
  expect(await ledgerOf(kiln, '?in_flight=1&wait_ms=250000')).toMatchObject({ reached: true });
  const operations = await operationsOf(kiln, underWay.id);
  const waiting = await kiln.submit();
  proxy.silence();
  await kiln.control('PATCH', 'settings', { gate: false });
  await expectEveryRouteToSaySo(kiln, operations);
  expect((await ledgerOf(kiln)).counters.calls).toBe(1);

  proxy.speak();
  await expectBack(kiln, underWay.id);
  for (const { id } of [underWay, waiting]) {
    // Some of the starts, 5 s apart, are missed.
    expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });
    expect(await callsOf(kiln, id)).toHaveLength(1);
  }
});
