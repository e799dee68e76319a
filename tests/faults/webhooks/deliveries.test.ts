/**
 * Kills the API and workers at every step between an event and its delivery. Each event still
 * arrives at least once, always with its own id, and has exactly one delivery. A disabled endpoint
 * receives nothing.
 */
import { describe, expect, test } from 'vitest';
import { ask, createEndpoint } from '../../integration/webhooks/support.ts';
import {
  answerStatus,
  drip,
  hang,
  startReceiver,
  type AnswerWith,
} from '../../support/network/receiver.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openEnvironment } from '../rig/open-environment.ts';
import {
  createWireHolds,
  type PlacedHold,
  type WireHold,
  type WireHolds,
} from '../rig/wire-holds.ts';
import type { FaultEnvironment } from '../rig/environment.ts';
import { oneEngine } from '../../support/engines/engine-matrix.ts';

const ends = ['job.succeeded', 'job.cancelled', 'job.failed'];
const fanOut = 'insert into kiln.deliveries';
const claim = 'kiln-claim-delivery';
const settle = 'kiln-settle-delivery';

/** Each worker is killed at the statements that its holds stop; the next worker continues. */
const deaths: { name: string; holds: WireHold[] }[] = [
  {
    name: 'the event has no delivery yet',
    holds: [{ texts: [fanOut, 'job.request_id'], hold: 'before' }],
  },
  {
    name: 'the delivery is created and the worker has no answer',
    holds: [{ texts: [fanOut, 'job.request_id'], hold: 'after' }],
  },
  {
    name: 'one delivery is dispatched, one claimed, one sent, one recorded',
    holds: [
      { texts: [claim], hold: 'after' },
      { texts: [settle], hold: 'before' },
      { texts: [settle], hold: 'after' },
      // Set this hold last, because afterwards this worker dispatches nothing. It lets calls pass
      // that find nothing due.
      { texts: ['kiln.take_due_deliveries'], hold: 'after', skip: 40 },
    ],
  },
];

describe.each(oneEngine(import.meta.filename))('on %s', (engine) => {
  test('kill -9 before a delivery loses no event and duplicates no delivery', async () => {
    const [receiver, unwanted] = await Promise.all([startReceiver(), startReceiver()]);
    const environment = await openEnvironment({
      engine,
      rpm: 6_000,
      minuteMs: 60_000,
      latencyMs: { min: 0, max: 0 },
      env: {
        KILN_WEBHOOK_ALLOW: '127.0.0.0/8',
        KILN_WEBHOOK_MINUTE_MS: '100',
        KILN_WEBHOOK_TIMEOUT_MS: '1000',
      },
    });
    await createEndpoint(environment, receiver.url, ends);
    const off = await createEndpoint(environment, unwanted.url, ends);
    await ask(environment, 'PATCH', `/v1/webhook_endpoints/${off.id}`, { status: 'disabled' });
    const holds = createWireHolds(environment.links.database);

    await killApi(environment, holds);
    const first = await environment.startWorker();
    // Afterwards the receiver counts as prompt, so that more than two deliveries can be out.
    await waitFor(
      async () => receiver.heard.length > 0 && (await openDeliveries(environment)) === 0,
      {
        what: 'the first worker to deliver the events of the killed API',
      },
    );
    await environment.kill(first);
    for (const { name, holds: texts } of deaths) {
      const worker = await environment.startWorker();
      // Submit one job after another, so that each hold stops the delivery of another job.
      const set: PlacedHold[] = texts.map((hold) => holds.set(hold));
      await waitFor(
        async () => {
          await environment.submit(1);
          return set.every(({ isHolding }) => isHolding());
        },
        { what: `a worker to come to where ${name}` },
      );
      await environment.kill(worker);
      holds.cut();
    }
    await environment.startWorker();
    await environment.waitForEnds();
    await waitFor(async () => (await openDeliveries(environment)) === 0, {
      what: 'every delivery to have ended',
    });
    await expectAccount(environment, receiver.heard);
    expect(unwanted.connections()).toBe(0);
  });
});

/** Kills the API after it has cancelled a job and before the event of that can be read. */
async function killApi(environment: FaultEnvironment, holds: WireHolds): Promise<void> {
  const [id] = await environment.submit(1);
  await waitFor(
    async () =>
      (await environment.query('select 1 from kiln.events where position is null')).length === 0,
    { what: 'the events so far to be readable' },
  );
  const stamp = holds.set({ texts: ['kiln.stamp_events'], hold: 'before' });
  await ask(environment, 'POST', `/v1/jobs/${id}/cancel`);
  await waitFor(stamp.isHolding, { what: 'the API to make the event readable' });
  await environment.restartApi();
  holds.cut();
}

async function openDeliveries(environment: FaultEnvironment): Promise<number> {
  const [row] = await environment.query<{ count: number }>(
    `select (select count(*) from kiln.events where position is null
         or position > (select position from kiln.webhook_cursor))::int
       + (select count(*) from kiln.deliveries where status = 'pending')::int as count`,
  );
  return row?.count ?? 0;
}

async function expectAccount(
  environment: FaultEnvironment,
  heard: Awaited<ReturnType<typeof startReceiver>>['heard'],
): Promise<void> {
  const events = await environment.query<{ id: string }>(
    'select id from kiln.events where type = any($1)',
    [ends],
  );
  const deliveries = await environment.query<{ event_id: string; status: string }>(
    'select event_id, status from kiln.deliveries',
  );
  const ids = events.map(({ id }) => id).toSorted();
  expect(ids.length).toBeGreaterThan(deaths.length);
  expect(deliveries.map(({ event_id: id }) => id).toSorted()).toEqual(ids);
  expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(['delivered']));
  expect(
    [...new Set(heard.map(({ headers }) => String(headers['webhook-id'])))].toSorted(),
  ).toEqual(ids);
  for (const { headers, body } of heard)
    expect(headers['webhook-id']).toBe((JSON.parse(body) as { id: string }).id);
  for (const { output } of [environment.api, ...environment.formerApis, ...environment.workers])
    expect(output()).not.toContain('whsec_');
  const lost = await environment.query(
    "select from kiln.delivery_tries where error = 'worker_lost'",
  );
  expect(lost.length).toBeGreaterThanOrEqual(2);
}

/** Stops a worker while its only delivery is with the receiver. */
async function stopWhileSending(answer: AnswerWith) {
  const receiver = await startReceiver({ answer });
  const environment = await openEnvironment({
    engine: 'postgres',
    rpm: 6_000,
    minuteMs: 60_000,
    latencyMs: { min: 0, max: 0 },
    env: { KILN_WEBHOOK_ALLOW: '127.0.0.0/8', KILN_WEBHOOK_TIMEOUT_MS: '60000' },
  });
  await createEndpoint(environment, receiver.url, ends);
  const worker = await environment.startWorker();
  await environment.submit(1);
  await receiver.hears(1);
  worker.signal('SIGTERM');
  expect(await worker.ended).toBe(0);
  return { environment, receiver };
}

test('a stopping worker records an answer whose body it is still reading', async () => {
  // The body takes longer than the worker waits when it is asked to stop.
  const { environment, receiver } = await stopWhileSending((response) => {
    response.writeHead(200);
    drip(response);
  });
  expect(await environment.query('select tries_made, status from kiln.deliveries')).toEqual([
    { tries_made: 1, status: 'delivered' },
  ]);
  expect(receiver.heard).toHaveLength(1);
});

test('a stopping worker aborts a try that hangs, and another one sends the event', async () => {
  const { environment, receiver } = await stopWhileSending(hang);
  expect(
    await environment.query('select tries_made, lease_expires_at, status from kiln.deliveries'),
  ).toEqual([{ tries_made: 0, lease_expires_at: null, status: 'pending' }]);
  receiver.answerWith(answerStatus(204));
  await environment.startWorker();
  await waitFor(async () => (await openDeliveries(environment)) === 0, {
    what: 'another worker to deliver it',
  });
  expect(new Set(receiver.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});
