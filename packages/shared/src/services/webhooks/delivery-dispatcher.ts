/**
 * Creates deliveries from events and dispatches those that are due to the queue engine. Every
 * worker runs one; each step is a single conditional statement, so several may run at the same
 * time. Notifications, finished tries and the clock of the next due delivery wake it. Every 10 s it
 * also recovers what a lost process or a lost engine left behind. It sends nothing itself: workers
 * do (`deliver-event.ts`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, WarningLog } from '../../logger.ts';
import { deliveriesQueue } from '../../queue/catalogue.ts';
import type { Producer, QueueEngine } from '../../queue/queue-engine.ts';
import {
  failWaitingForClosed,
  findDueWork,
  listLost,
  nextDueMs,
  returnDispatches,
  returnUnclaimed,
  takeDue,
  type DeliveryDispatch,
  type DeliverySlots,
} from '../../records/webhooks/delivery-dispatches.ts';
import type { Database } from '../../records/database/open-records.ts';
import { settlementOfFailure } from './delivery-settlement.ts';
import { createFanOut } from './fan-out-events.ts';
import { recordTry } from './record-try.ts';

export interface DeliveryDispatcher {
  /** Looks for due deliveries. Returns at once and never throws. */
  wake(): void;
  /** Also creates deliveries from new events. */
  wakeForEvents(): void;
  /** Also recovers lost deliveries, for instance after notifications were missed. */
  wakeForAll(): void;
  close(): Promise<void>;
}

/**
 * A receiver that answers within two seconds has 24 slots. One that does not, or that has not
 * answered yet, has two. Slow receivers have 96 slots in all, separate from those of prompt ones:
 * a thousand receivers that hang delay each other, but none that answers.
 */
const slots: DeliverySlots = {
  promptReceiver: 24,
  slowReceiver: 2,
  allPromptReceivers: 96,
  allSlowReceivers: 96,
};
/**
 * Concurrency of one worker. It may have to send everything, including deliveries to prompt
 * receivers that have just turned slow.
 */
export const maxConcurrentDeliveries = 2 * slots.allPromptReceivers + slots.allSlowReceivers;
/** The shortest time between two runs, however often it is woken. */
const runSpacingMs = 10;
const defaultRecoveryMs = 10_000;
const everything = { events: true, deliveries: true, recovery: true };

export function createDeliveryDispatcher(parts: {
  db: Database;
  engine: QueueEngine;
  minuteMs: number;
  log: Logger;
  /** Takes the warnings that an outage repeats: at most one a second. */
  outages: WarningLog;
  /** How often lost deliveries are recovered, and how long an idle dispatcher sleeps at most. */
  recoveryMs?: number;
}): DeliveryDispatcher {
  const { db, engine, minuteMs, log, outages, recoveryMs = defaultRecoveryMs } = parts;
  const requested = { ...everything };
  let recoveredAtMs = performance.now();
  let producer: Producer<'deliveries'> | null = null;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  const ended = new AbortController();
  const fanOutEvents = createFanOut({ db, log });

  function isRequested(): boolean {
    return requested.events || requested.deliveries || requested.recovery;
  }

  /** Returns what was requested, and clears it. */
  function takeRequested(): typeof requested {
    const taken = { ...requested };
    Object.assign(requested, { events: false, deliveries: false, recovery: false });
    return taken;
  }

  function request(work: Partial<typeof requested>): void {
    Object.assign(requested, work);
    start();
  }

  function start(): void {
    if (ended.signal.aborted || running !== null) return;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    running = runUntilIdle()
      .catch((err: unknown) => {
        outages.warn({ err, retryMs: recoveryMs }, 'webhook deliveries could not be dispatched');
        takeRequested();
        return recoveryMs;
      })
      .then((nextMs) => {
        running = null;
        if (ended.signal.aborted) return;
        if (isRequested()) start();
        else timer = setTimeout(start, nextMs);
      });
  }

  /** Asks the database once whether there is work, so that an idle system costs one statement. */
  async function look(): Promise<number> {
    const { hasWork, dueMs } = await findDueWork(db);
    if (hasWork) Object.assign(requested, everything);
    return dueMs ?? recoveryMs;
  }

  /** Resolves to the number of milliseconds until the next run. */
  async function runUntilIdle(): Promise<number> {
    let dueMs = isRequested() ? recoveryMs : await look();
    while (!ended.signal.aborted && isRequested()) {
      const { events, recovery } = takeRequested();
      // Under load the dispatcher is never idle, and the deliveries of a lost worker must not wait.
      if (recovery || performance.now() - recoveredAtMs >= recoveryMs) await recoverLapsed();
      // A failure must not hold up existing deliveries. The next look at the database retries it.
      if (events)
        await fanOutEvents().catch((err: unknown) =>
          log.error({ err }, 'events could not be turned into webhook deliveries'),
        );
      const { dispatches, lookedAt } = await takeDue(db, slots);
      if (dispatches.length > 0) await add(dispatches);
      await delay(runSpacingMs);
      if (!isRequested()) dueMs = (await nextDueMs(db, lookedAt)) ?? recoveryMs;
    }
    return Math.min(recoveryMs, Math.max(runSpacingMs, dueMs));
  }

  async function add(dispatches: readonly DeliveryDispatch[]): Promise<void> {
    producer ??= engine.producer('deliveries', deliveriesQueue);
    try {
      await producer.add(
        dispatches.map((dispatch) => ({
          id: `${dispatch.deliveryId}-${dispatch.dispatchNo}`,
          payload: dispatch,
        })),
      );
    } catch (error) {
      await returnDispatches(db, dispatches);
      throw error;
    }
  }

  /** Recovers deliveries whose lease has expired, and fails those of closed endpoints. */
  async function recoverLapsed(): Promise<void> {
    recoveredAtMs = performance.now();
    const returned = await returnUnclaimed(db);
    const lost = await listLost(db);
    for (const { sendingSince, triesOfRun, ...dispatch } of lost) {
      const made = {
        startedAt: sendingSince,
        durationMs: 0,
        httpStatus: null,
        error: 'worker_lost',
        answer: null,
      } as const;
      const settlement = settlementOfFailure(triesOfRun, null, minuteMs);
      // One delivery that cannot be settled must not hold up the others.
      await recordTry({ db, log }, dispatch, made, settlement).catch((err: unknown) =>
        log.error({ err, ...dispatch }, 'a lost webhook delivery could not be settled'),
      );
    }
    if (returned + lost.length > 0)
      log.warn(
        { unclaimed: returned, lost: lost.length },
        'recovered webhook deliveries of a lost worker or queue engine',
      );
    while (!ended.signal.aborted && (await failWaitingForClosed(db)) > 0);
  }

  start();
  return {
    wake: () => request({ deliveries: true }),
    wakeForEvents: () => request({ events: true }),
    wakeForAll: () => request(everything),
    async close() {
      ended.abort();
      if (timer !== null) clearTimeout(timer);
      await running;
      await producer?.close();
    },
  };
}
