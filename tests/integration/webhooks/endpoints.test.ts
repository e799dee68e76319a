import type { Delivery, Endpoint, EndpointWithSecret } from '@kiln/shared/schemas/webhook';
import type { Resolution } from '@kiln/shared/webhooks/resolve-host';
import { beforeAll, describe, expect, test } from 'vitest';
import { engineNamed } from '../api/support.ts';
import { internalUrls } from '../../support/network/internal-urls.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { answerStatus, startReceiver } from '../../support/network/receiver.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  ask,
  call,
  createEndpoint,
  deliveriesOf,
  deliveryIs,
  onlyDelivery,
  readEndpoint,
  webhookEnv,
} from './support.ts';

interface Refusal {
  error: { code: string; param: string | null; message: string };
}

const url = 'https://93.184.215.14/hook';

describe('endpoints', () => {
  let kiln: TestKiln;
  beforeAll(async () => {
    kiln = await startKiln({ engine: engineNamed('postgres'), env: webhookEnv });
  });

  test('are created, read, listed, changed and deleted; the secret is shown once', async () => {
    const made = await ask<EndpointWithSecret>(kiln, 'POST', '/v1/webhook_endpoints', {
      url: url.replace('https://', 'HTTPS:'),
      description: 'Ours',
    });
    expect(made.url).toBe(url);
    expect(made.secret).toMatch(/^whsec_/);
    const { secret, ...shown } = made;
    expect(made.events).toContain('job.succeeded');
    expect(made.events).not.toContain('batch.progress');
    expect(await readEndpoint(kiln, made.id)).toEqual(shown);
    const list = await kiln.request('/v1/webhook_endpoints');
    expect(await list.clone().json()).toMatchObject({ object: 'list', data: [shown] });
    expect(await list.text()).not.toContain(secret);

    const changed = await ask<Endpoint>(kiln, 'PATCH', `/v1/webhook_endpoints/${made.id}`, {
      url: `${url.replace('https://', 'HTTPS:/')}/1/../2`,
      events: ['job.failed', 'job.failed'],
      description: null,
      status: 'disabled',
    });
    expect(changed).toMatchObject({
      url: `${url}/2`,
      events: ['job.failed'],
      description: null,
      status: 'disabled',
      disabled_reason: 'requested',
    });
    const enabled = await ask<Endpoint>(kiln, 'PATCH', `/v1/webhook_endpoints/${made.id}`, {
      status: 'enabled',
    });
    expect(enabled).toMatchObject({
      status: 'enabled',
      disabled_at: null,
      disabled_reason: null,
      events: ['job.failed'],
    });

    const rotated = await ask<EndpointWithSecret>(
      kiln,
      'POST',
      `/v1/webhook_endpoints/${made.id}/rotate`,
    );
    expect(rotated.secret).not.toBe(secret);
    const leftSeconds = (rotated.previous_secret_expires_at ?? 0) - Date.now() / 1_000;
    expect(leftSeconds).toBeGreaterThan(86_300);
    expect(leftSeconds).toBeLessThanOrEqual(86_400);

    expect(await ask(kiln, 'DELETE', `/v1/webhook_endpoints/${made.id}`)).toEqual({
      id: made.id,
      object: 'webhook_endpoint',
      deleted: true,
    });
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
      ['POST', '/test'],
    ] as const) {
      const gone = await call<Refusal>(kiln, method, `/v1/webhook_endpoints/${made.id}${path}`);
      expect(gone).toMatchObject({
        status: 404,
        body: { error: { code: 'webhook_endpoint_not_found' } },
      });
    }
    const { rows } = await kiln.deps.records.pool.query(
      'select secret, previous_secrets from kiln.webhook_endpoints',
    );
    // The endpoint has no deliveries, so maintenance may have deleted the row already.
    for (const row of rows) expect(row).toEqual({ secret: null, previous_secrets: [] });
  });

  test('requests with one idempotency key create one endpoint', async () => {
    const headers = { 'idempotency-key': 'endpoint-1' };
    const make = (body: object) =>
      call<EndpointWithSecret>(kiln, 'POST', '/v1/webhook_endpoints', body, headers);
    const [first, again, other] = [
      await make({ url }),
      await make({ url }),
      await make({ url: `${url}?2` }),
    ];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(other.status).toBe(422);
    const { rows } = await kiln.deps.records.pool.query<{ kept: string }>(
      'select response_body::text as kept from kiln.idempotency_keys',
    );
    expect(rows.map(({ kept }) => kept).join()).toContain(first.body.id);
    expect(rows.map(({ kept }) => kept).join()).not.toContain('whsec_');

    await ask(kiln, 'DELETE', `/v1/webhook_endpoints/${first.body.id}`);
    expect(await make({ url })).toMatchObject({
      status: 404,
      body: { error: { code: 'webhook_endpoint_not_found' } },
    });
  });

  test.each([
    [{}, 'invalid_request', 'url'],
    [{ url, events: [] }, 'invalid_request', 'events'],
    [{ url, events: ['job.exploded'] }, 'invalid_request', 'events.0'],
    [{ url, events: 'job.failed' }, 'invalid_request', 'events'],
    [{ url, description: 'x'.repeat(501) }, 'invalid_request', 'description'],
    [{ url: `${url}/${'x'.repeat(2_048)}` }, 'invalid_request', 'url'],
    [{ url, secret: 'mine' }, 'unknown_parameter', 'secret'],
    [{ url: 'http://example.com/' }, 'webhook_url_refused', 'url'],
  ])('%o is refused', async (body, code, param) => {
    const refused = await call<Refusal>(kiln, 'POST', '/v1/webhook_endpoints', body);
    expect(refused).toMatchObject({ status: 400, body: { error: { code, param } } });
  });

  test('a project has at most 50 endpoints', async () => {
    const made = await Promise.all(Array.from({ length: 50 }, () => createEndpoint(kiln, url)));
    const refused = await call<Refusal>(kiln, 'POST', '/v1/webhook_endpoints', { url });
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: 'too_many_webhook_endpoints' } },
    });
    const page = await ask<{ data: Endpoint[]; has_more: boolean; last_id: string }>(
      kiln,
      'GET',
      '/v1/webhook_endpoints?limit=30',
    );
    expect(page).toMatchObject({ has_more: true });
    const rest = await ask<{ data: Endpoint[] }>(
      kiln,
      'GET',
      `/v1/webhook_endpoints?limit=30&after=${page.last_id}`,
    );
    expect(new Set([...page.data, ...rest.data].map(({ id }) => id))).toEqual(
      new Set(made.map(({ id }) => id)),
    );
    await Promise.all(made.map(({ id }) => ask(kiln, 'DELETE', `/v1/webhook_endpoints/${id}`)));
  });

  test('events without a URL are refused; the project secret is shown once', async () => {
    const refused = await call<Refusal>(kiln, 'POST', '/v1/jobs', {
      prompt: 'A boat',
      webhook_events: ['job.failed'],
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'webhook_events' } } });
    expect(await call(kiln, 'GET', '/v1/webhook_secret')).toMatchObject({
      status: 404,
      body: { error: { code: 'webhook_secret_not_found' } },
    });
    const { secret } = await ask<{ secret: string }>(kiln, 'POST', '/v1/webhook_secret/rotate');
    expect(secret).toMatch(/^whsec_/);
    const again = await ask<{ secret: string; previous_secret_expires_at: number }>(
      kiln,
      'POST',
      '/v1/webhook_secret/rotate',
    );
    expect(again.secret).not.toBe(secret);
    expect(again.previous_secret_expires_at).toEqual(expect.any(Number));
    expect(await ask(kiln, 'GET', '/v1/webhook_secret')).not.toHaveProperty('secret');
  });

  test.each([
    ['GET', '/v1/deliveries/dlv_none', 404, 'delivery_not_found'],
    ['POST', '/v1/deliveries/dlv_none/redeliver', 404, 'delivery_not_found'],
    ['GET', '/v1/deliveries?status=lost', 400, 'invalid_request'],
    ['GET', '/v1/deliveries?endpoint=whe_1', 400, 'unknown_parameter'],
  ])('%s %s is refused', async (method, path, status, code) => {
    expect(await call<Refusal>(kiln, method, path)).toMatchObject({
      status,
      body: { error: { code } },
    });
  });
});

test('every internal URL is refused, and nothing connects to loopback', async () => {
  const found = (...addresses: string[]): Resolution => ({ status: 'found', addresses });
  const [kiln, listener] = await Promise.all([
    startKiln({
      engine: engineNamed('postgres'),
      resolveHost: async (host) =>
        host === 'localhost' ? found('127.0.0.1', '::1') : { status: 'unknown' },
    }),
    startReceiver(),
  ]);
  await ask(kiln, 'POST', '/v1/webhook_secret/rotate');
  for (const template of internalUrls) {
    const target = template.replace('PORT', String(listener.port));
    const answers = await Promise.all([
      call<Refusal>(kiln, 'POST', '/v1/webhook_endpoints', { url: target }),
      call<Refusal>(kiln, 'POST', '/v1/jobs', { prompt: 'A boat', webhook_url: target }),
    ]);
    for (const { status, body } of answers) {
      expect({ target, status, code: body.error.code }).toEqual({
        target,
        status: 400,
        code: 'webhook_url_refused',
      });
    }
  }
  // Insert deliveries to these URLs, as an earlier KILN_WEBHOOK_ALLOW could have left them.
  const { id } = await createEndpoint(kiln, url, ['job.created']);
  const { rows } = await kiln.deps.records.pool.query<{ id: string }>(
    `insert into kiln.deliveries (project_id, url, receiver, event_id, event_type,
       event_created_at, event_data, request_id)
     select 'default', url, 'receiver ' || url, 'evt_' || nr, 'job.created',
       now(), '{"id":"x"}', 'req'
     from unnest($1::text[]) with ordinality as given(url, nr) returning id`,
    [internalUrls.map((each) => each.replace('PORT', String(listener.port)))],
  );
  await ask(kiln, 'POST', `/v1/webhook_endpoints/${id}/redeliver`, { since: 0 });
  for (const row of rows) {
    const delivery = await deliveryIs(kiln, row.id, { tries: 1 });
    expect(delivery.log[0]).toMatchObject({
      http_status: null,
      answer: null,
      error: expect.stringMatching(/^(url|address)_refused$/) as string,
    });
  }
  expect(listener.connections()).toBe(0);
});

test('a name that has become internal is not connected to', async () => {
  const listener = await startReceiver();
  let answer: Resolution = { status: 'found', addresses: ['93.184.215.14'] };
  const asked: string[] = [];
  const kiln = await startKiln({
    engine: engineNamed('postgres'),
    env: { KILN_WEBHOOK_MINUTE_MS: '10' },
    resolveHost: async (host) => {
      asked.push(host);
      return answer;
    },
  });
  const endpoint = await createEndpoint(kiln, `https://rebind.example:8443/`, ['job.succeeded']);
  answer = { status: 'found', addresses: ['127.0.0.1'] };
  await kiln.submit();
  const tried = await onlyDelivery(kiln, endpoint.id, { tries: 2 });
  expect(new Set(tried.log.map(({ error }) => error))).toEqual(new Set(['address_refused']));
  answer = { status: 'found', addresses: ['93.184.215.14', '127.0.0.1'] };
  const more = await deliveryIs(kiln, tried.id, { tries: tried.tries.made + 1 });
  expect(more.log.at(-1)).toMatchObject({ error: 'address_refused' });
  expect(listener.connections()).toBe(0);
  expect(asked.length).toBeGreaterThan(2);
});

test('a disabled endpoint receives nothing, and its waiting deliveries fail', async () => {
  const [kiln, receiver] = await Promise.all([
    startKiln({ engine: engineNamed('postgres'), env: webhookEnv }),
    startReceiver({ answer: answerStatus(500) }),
  ]);
  const endpoint = await createEndpoint(kiln, receiver.url, ['job.succeeded']);
  await kiln.submit();
  const waiting = await onlyDelivery(kiln, endpoint.id, { tries: 2 });
  await ask(kiln, 'PATCH', `/v1/webhook_endpoints/${endpoint.id}`, { status: 'disabled' });
  expect(await deliveryIs(kiln, waiting.id, { status: 'failed' })).toMatchObject({
    failure: 'endpoint_disabled',
  });
  const heard = receiver.heard.length;
  for (const path of [
    `/v1/deliveries/${waiting.id}/redeliver`,
    `/v1/webhook_endpoints/${endpoint.id}/test`,
  ]) {
    expect(await call<Refusal>(kiln, 'POST', path)).toMatchObject({
      status: 409,
      body: { error: { code: 'webhook_endpoint_disabled' } },
    });
  }
  const other = await createEndpoint(kiln, receiver.url, ['job.succeeded']);
  const job = await kiln.submit();
  await kiln.ended(job.id);
  await onlyDelivery(kiln, other.id, { tries: 1 });
  expect(await deliveriesOf(kiln, `endpoint_id=${endpoint.id}`)).toHaveLength(1);
  expect(
    receiver
      .events()
      .slice(heard)
      .every(({ data }) => data.id === job.id),
  ).toBe(true);

  receiver.answerWith(answerStatus(200));
  await ask(kiln, 'PATCH', `/v1/webhook_endpoints/${endpoint.id}`, { status: 'enabled' });
  await ask(kiln, 'POST', `/v1/webhook_endpoints/${endpoint.id}/redeliver`, { since: 0 });
  await deliveryIs(kiln, waiting.id, { status: 'delivered' });
});

test('five days of failures disable an endpoint and send others an event', async () => {
  const [kiln, receiver, watcher] = await Promise.all([
    startKiln({ engine: engineNamed('postgres'), env: webhookEnv }),
    startReceiver({ answer: answerStatus(500) }),
    startReceiver(),
  ]);
  const endpoint = await createEndpoint(kiln, receiver.url, ['job.succeeded']);
  await createEndpoint(kiln, watcher.url, ['webhook_endpoint.disabled']);
  await kiln.submit();
  await onlyDelivery(kiln, endpoint.id, { tries: 1 });
  await kiln.deps.records.pool.query(
    `update kiln.webhook_receivers set failing_since = failing_since - interval '5 days'
     where receiver = $1`,
    [endpoint.id],
  );
  const disabled = await waitFor(
    async () =>
      (({ row }) => row.status === 'disabled' && row)({
        row: await readEndpoint(kiln, endpoint.id),
      }),
    { what: 'the endpoint to be disabled' },
  );
  expect(disabled.disabled_reason).toBe('failing');
  await watcher.hears(1);
  expect(watcher.events()).toEqual([
    expect.objectContaining({
      type: 'webhook_endpoint.disabled',
      data: { id: endpoint.id, reason: 'failing' },
    }),
  ]);
});

test('deliveries are listed newest first, in pages, with filters', async () => {
  const [kiln, receiver] = await Promise.all([
    startKiln({ engine: engineNamed('postgres'), env: webhookEnv }),
    startReceiver(),
  ]);
  const endpoint = await createEndpoint(kiln, receiver.url);
  for (let count = 0; count < 3; count += 1)
    await ask(kiln, 'POST', `/v1/webhook_endpoints/${endpoint.id}/test`);
  await receiver.hears(3);
  const page = await ask<{ data: Delivery[]; has_more: boolean; last_id: string }>(
    kiln,
    'GET',
    '/v1/deliveries?limit=2',
  );
  expect(page).toMatchObject({
    has_more: true,
    data: [{ event_type: 'webhook_endpoint.test' }, {}],
  });
  const rest = await ask<{ data: Delivery[]; has_more: boolean }>(
    kiln,
    'GET',
    `/v1/deliveries?limit=2&after=${page.last_id}`,
  );
  expect(rest).toMatchObject({ has_more: false, data: [{}] });
  const ids = [...page.data, ...rest.data].map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted().toReversed());
  const event = page.data[0]?.event_id;
  expect(await deliveriesOf(kiln, `event_id=${event}`)).toHaveLength(1);
  await deliveryIs(kiln, ids[0] ?? '', { status: 'delivered' });
  expect(await deliveriesOf(kiln, 'status=failed')).toEqual([]);
});
