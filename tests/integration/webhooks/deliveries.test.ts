import type { EndpointWithSecret } from '@kiln/shared/schemas/webhook';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { enginesOf } from '../../support/engines/engines.ts';
import { startKiln } from '../../support/kiln.ts';
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

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('each event that an endpoint asks for arrives once, signed, as documented', async () => {
    const [kiln, all, ends] = await Promise.all([
      startKiln({ engine, env: webhookEnv }),
      startReceiver(),
      startReceiver(),
    ]);
    // A busy machine may miss a start; the job then has `job.retrying` too.
    const types = ['job.created', 'job.started', 'job.succeeded'];
    const endpoint = await createEndpoint(kiln, all.url, types);
    await createEndpoint(kiln, ends.url, ['job.succeeded', 'job.failed']);
    const job = await kiln.submit();
    await kiln.ended(job.id);
    await Promise.all([all.hears(3), ends.hears(1)]);
    expect(new Set(all.events().map(({ type }) => type))).toEqual(new Set(types));
    expect(ends.events()).toEqual([
      {
        id: expect.stringMatching(/^evt_/) as string,
        object: 'event',
        type: 'job.succeeded',
        created_at: expect.any(Number) as number,
        data: { id: job.id, status: 'succeeded', batch_id: null },
      },
    ]);
    for (const { headers, body } of all.heard) {
      expect(headers['webhook-id']).toBe((JSON.parse(body) as { id: string }).id);
      expect(headers['content-type']).toBe('application/json');
      expect(headers['x-request-id']).toMatch(/^req_/);
      expect(() =>
        new Webhook(endpoint.secret).verify(body, headers as Record<string, string>),
      ).not.toThrow();
    }
    const deliveries = await deliveriesOf(kiln, `endpoint_id=${endpoint.id}`);
    expect(deliveries).toHaveLength(3);
    const delivery = await deliveryIs(kiln, deliveries[0]?.id ?? '', { status: 'delivered' });
    expect(delivery).toMatchObject({
      endpoint_id: endpoint.id,
      url: all.url,
      job_id: job.id,
      tries: { made: 1 },
      next_try_at: null,
      log: [{ number: 1, http_status: 204, error: null, answer: '' }],
    });
    expect(await deliveriesOf(kiln, `event_id=${ends.events()[0]?.id}`)).toHaveLength(2);
  });

  test('a failed delivery is retried with the same id until it succeeds', async () => {
    const [kiln, receiver] = await Promise.all([
      startKiln({ engine, env: webhookEnv }),
      startReceiver(),
    ]);
    receiver.answerWith(answerStatus(500, {}, 'the disk is full'));
    const endpoint = await createEndpoint(kiln, receiver.url, ['job.succeeded']);
    await kiln.submit();
    const tried = await onlyDelivery(kiln, endpoint.id, { status: 'pending', tries: 3 });
    expect(tried.log[0]).toMatchObject({
      http_status: 500,
      error: 'refused',
      answer: 'the disk is full',
    });
    expect((await readEndpoint(kiln, endpoint.id)).failing_since).toEqual(expect.any(Number));
    receiver.answerWith(answerStatus(200));
    const delivered = await deliveryIs(kiln, tried.id, { status: 'delivered' });
    expect(new Set(receiver.heard.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([delivered.event_id]),
    );
    expect(new Set(receiver.heard.map(({ body }) => body)).size).toBe(1);
    expect((await readEndpoint(kiln, endpoint.id)).failing_since).toBeNull();
  });

  test('after eight tries a delivery fails, and can then be redelivered', async () => {
    const env = { ...webhookEnv, KILN_WEBHOOK_MINUTE_MS: '1' };
    const [kiln, receiver] = await Promise.all([startKiln({ engine, env }), startReceiver()]);
    receiver.answerWith(answerStatus(503));
    const endpoint = await createEndpoint(kiln, receiver.url, ['job.succeeded']);
    await kiln.submit();
    const failed = await onlyDelivery(kiln, endpoint.id, { status: 'failed' });
    expect(failed).toMatchObject({
      failure: 'exhausted',
      tries: { made: 8, of_schedule: 8, max: 8 },
    });
    expect(receiver.heard).toHaveLength(8);

    receiver.answerWith(answerStatus(200));
    const again = await ask<{ count: number }>(
      kiln,
      'POST',
      `/v1/webhook_endpoints/${endpoint.id}/redeliver`,
      {
        since: failed.created_at,
      },
    );
    expect(again.count).toBe(1);
    const delivered = await deliveryIs(kiln, failed.id, { status: 'delivered' });
    expect(delivered).toMatchObject({ failure: null, tries: { made: 9, of_schedule: 1 } });
    const later = await ask<{ count: number }>(
      kiln,
      'POST',
      `/v1/webhook_endpoints/${endpoint.id}/redeliver`,
      {
        since: Math.floor(Date.now() / 1_000) + 60,
      },
    );
    expect(later.count).toBe(0);
    await ask(kiln, 'POST', `/v1/deliveries/${failed.id}/redeliver`);
    expect(await deliveryIs(kiln, failed.id, { status: 'delivered', tries: 10 })).toMatchObject({
      tries: { made: 10 },
    });
    expect(new Set(receiver.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('a webhook_url in an unusual spelling is stored normalised', async () => {
    const [kiln, receiver] = await Promise.all([
      startKiln({ engine, env: webhookEnv }),
      startReceiver(),
    ]);
    await ask(kiln, 'POST', '/v1/webhook_secret/rotate');
    const odd = await kiln.submit({ webhook_url: receiver.url.replace('//', '') });
    expect(odd.webhook_url).toBe(receiver.url);
    const form = new FormData();
    form.set('file', new Blob(['prompt\nA boat\n']), 'rows.csv');
    form.set('webhook_url', receiver.url.replace('//', ''));
    form.set('webhook_events', 'batch.completed');
    const response = await kiln.request('/v1/batches', { method: 'POST', body: form });
    const batch = (await response.json()) as { id: string; webhook_url: string };
    expect(batch.webhook_url).toBe(receiver.url);
    const job = await kiln.submit({ webhook_url: receiver.url });
    await receiver.hears(3);
    const ids = receiver.events().map(({ data }) => data['id']);
    expect(ids.toSorted()).toEqual([odd.id, batch.id, job.id].toSorted());
  });

  test('a webhook_url receives events that the secret of the project signs', async () => {
    const [kiln, receiver] = await Promise.all([
      startKiln({ engine, env: webhookEnv }),
      startReceiver(),
    ]);
    const refused = await call<{ error: object }>(kiln, 'POST', '/v1/jobs', {
      prompt: 'A boat',
      webhook_url: receiver.url,
    });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { code: 'webhook_secret_missing', param: 'webhook_url' } },
    });
    const { secret } = await ask<EndpointWithSecret>(kiln, 'POST', '/v1/webhook_secret/rotate');
    const job = await kiln.submit({ webhook_url: receiver.url });
    expect(job).toMatchObject({
      webhook_url: receiver.url,
      webhook_events: expect.arrayContaining(['job.succeeded']) as string[],
    });
    await receiver.hears(1);
    expect(receiver.events()).toEqual([
      expect.objectContaining({
        type: 'job.succeeded',
        data: expect.objectContaining({ id: job.id }) as object,
      }),
    ]);

    const form = new FormData();
    form.set('file', new Blob(['prompt\nA boat\nA lake\n']), 'rows.csv');
    form.set('webhook_url', receiver.url);
    form.set('webhook_events', 'batch.completed,job.succeeded');
    const response = await kiln.request('/v1/batches', { method: 'POST', body: form });
    const batch = (await response.json()) as { id: string; webhook_events: string[] };
    expect(batch.webhook_events).toEqual(['batch.completed', 'job.succeeded']);
    await receiver.hears(4);
    expect(
      receiver
        .events()
        .slice(1)
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(['batch.completed', 'job.succeeded', 'job.succeeded']);
    for (const { headers, body } of receiver.heard)
      expect(() =>
        new Webhook(secret).verify(body, headers as Record<string, string>),
      ).not.toThrow();
    // The worker records a delivery a moment after the receiver has got it.
    const delivered = await waitFor(
      async () =>
        (await deliveriesOf(kiln, 'status=delivered')).find(
          ({ batch_id: batchId }) => batchId === batch.id,
        ),
      { what: 'a delivery of the batch to be recorded' },
    );
    expect(delivered).toMatchObject({ endpoint_id: null, url: receiver.url });
  });
});
