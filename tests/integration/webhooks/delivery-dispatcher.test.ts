/** What the delivery dispatcher does while it is woken all the time. */
import type { QueueEngine } from '@kiln/shared/queue/queue-engine';
import { createDeliveryDispatcher } from '@kiln/shared/services/webhooks/delivery-dispatcher';
import { expect, test } from 'vitest';
import { nextTurn, waitFor } from '../../support/wait-for.ts';
import { log, openTestRecords } from '../records/support.ts';

/** Accepts every work item and runs none. */
function createIdleEngine(): { engine: Pick<QueueEngine, 'producer'>; added: string[] } {
  const added: string[] = [];
  const producer: ReturnType<QueueEngine['producer']> = {
    add: async (items) => void added.push(...items.map(({ id }) => id)),
    heldIds: async () => new Set(),
    heldRepetitions: async () => new Set(),
    repeat: async () => undefined,
    close: async () => undefined,
  };
  return { engine: { producer: () => producer }, added };
}

test('a lost delivery is recovered while other deliveries keep the dispatcher busy', async () => {
  const { db, pool } = await openTestRecords();
  const { engine, added } = createIdleEngine();
  const dispatcher = createDeliveryDispatcher({
    db,
    engine: engine as QueueEngine,
    minuteMs: 10,
    log,
    outages: log,
    recoveryMs: 100,
  });
  const ended = new AbortController();
  const waking = (async () => {
    while (!ended.signal.aborted) {
      dispatcher.wake();
      await nextTurn();
    }
  })();
  try {
    const { rows } = await pool.query<{ id: string }>(
      `insert into kiln.deliveries (project_id, url, receiver, event_id, event_type,
         event_created_at, event_data, request_id, dispatch_no, lease_expires_at)
       values ('default', 'https://receiver.example', 'lost', 'evt_1', 'job.created', now(), '{}',
         'req_test', 1, now() + interval '300 ms')
       returning id`,
    );
    await waitFor(() => added.includes(`${rows[0]?.id}-2`), { what: 'the second dispatch' });
  } finally {
    ended.abort();
    await waking;
    await dispatcher.close();
  }
  expect(added).toHaveLength(1);
});
