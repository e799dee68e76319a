/**
 * Makes deliveries of events and hands the queue engine those that are due. Every
 * worker has one; each of its steps is a statement that decides by itself, so several at a time do
 * no harm. It is woken by notifications and by the clock of what is due next; its net finds what
 * was lost with a process, or with the engine.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../logger.ts';
import { deliveriesQueue } from '../../queue/catalogue.ts';
import type { Producer, QueueEngine } from '../../queue/queue-engine.ts';
import { fanOut } from '../../records/webhooks/delivery-fan-out.ts';
import {
  failWaitingForClosed,
  listLapsed,
  findDueWork,
  nextDueMs,
  returnDispatches,
  settleTry,
  takeDue,
  type DeliveryDispatch,
  type Places,
} from '../../records/webhooks/delivery-dispatches.ts';
import type { Database } from '../../records/database/open-records.ts';
import { settlementOfFailure } from './delivery-settlement.ts';

export interface DeliveryDispatcher {
  /** There may be something to hand over. Never throws and waits for nothing. */
  wake(): void;
  /** There may be new events besides. */
  wakeForEvents(): void;
  /** What happened while nobody was told, and what was lost. */
  wakeForAll(): void;
  close(): Promise<void>;
}

/**
 * A receiver that answers within two seconds has 24 places; one that does not, or of which nothing
 * is known yet, has two. The places of the one kind are not those of the other: a thousand
 * receivers that hang delay each other, and none that answers.
 */
const places: Places = { trusted: 24, suspect: 2, ofAllTrusted: 96, ofAllSuspect: 96 };
/**
 * A worker can have all of them in hand, and what was sent to trusted receivers that have turned
 * slow.
 */
export const deliveriesAtATime = 2 * places.ofAllTrusted + places.ofAllSuspect;
/** However much happens, it is looked this often at most. */
const betweenTurnsMs = 10;
const netMs = 10_000;

export function createDeliveryDispatcher(parts: {
  db: Database;
  engine: QueueEngine;
  minuteMs: number;
  log: Logger;
}): DeliveryDispatcher {
  const { db, engine, minuteMs, log } = parts;
  const due = { events: true, deliveries: true, net: true };
  let producer: Producer<'deliveries'> | null = null;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  const ended = new AbortController();

  function hasWorkDue(): boolean {
    return due.events || due.deliveries || due.net;
  }

  function start(): void {
    if (ended.signal.aborted || running !== null) return;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    running = runUntilQuiet()
      .catch((err: unknown) => {
        log.warn({ err }, 'deliveries could not be handed over; the next turn tries again');
        Object.assign(due, { events: false, deliveries: false, net: false });
        return netMs;
      })
      .then((nextMs) => {
        running = null;
        if (ended.signal.aborted) return;
        if (hasWorkDue()) start();
        else timer = setTimeout(start, nextMs);
      });
  }

  /**
   * One statement says whether there is anything to do: a system at rest asks no more of its
   * database.
   */
  async function look(): Promise<number> {
    const { hasWork, dueMs } = await findDueWork(db);
    if (hasWork) Object.assign(due, { events: true, deliveries: true, net: true });
    return dueMs ?? netMs;
  }

  /** Resolves to how soon there is something to do again. */
  async function runUntilQuiet(): Promise<number> {
    let dueMs = hasWorkDue() ? netMs : await look();
    while (!ended.signal.aborted && hasWorkDue()) {
      const { events, net } = due;
      Object.assign(due, { events: false, deliveries: false, net: false });
      if (net) await recoverLapsed();
      // What cannot be made of events keeps nothing waiting that has been made; the next look tries
      // again.
      if (events)
        await fanOut(db).catch((err: unknown) =>
          log.error({ err }, 'events could not become deliveries'),
        );
      const lookedAt = await dispatchDue();
      await delay(betweenTurnsMs);
      if (!hasWorkDue()) dueMs = (await nextDueMs(db, lookedAt)) ?? netMs;
    }
    return Math.min(netMs, Math.max(betweenTurnsMs, dueMs));
  }

  /** Resolves to when it looked, by the database's clock. */
  async function dispatchDue(): Promise<Date> {
    for (let lane = ''; ;) {
      const { dispatches, lastLane, lookedAt } = await takeDue(db, places, lane);
      if (dispatches.length > 0) await add(dispatches);
      if (lastLane === '' || ended.signal.aborted) return lookedAt;
      lane = lastLane;
    }
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

  async function recoverLapsed(): Promise<void> {
    const { returned, lost } = await listLapsed(db);
    for (const { sendingSince, triesOfRun, ...dispatch } of lost) {
      const made = {
        startedAt: sendingSince,
        durationMs: 0,
        httpStatus: null,
        error: 'worker_lost',
        answer: null,
      } as const;
      await settleTry(db, dispatch, made, settlementOfFailure(triesOfRun, null, minuteMs));
    }
    if (returned + lost.length > 0)
      log.warn(
        { returned, lost: lost.length },
        'deliveries of a lost worker or engine are handed over again',
      );
    while (!ended.signal.aborted && (await failWaitingForClosed(db)) > 0);
  }

  start();
  return {
    wake() {
      due.deliveries = true;
      start();
    },
    wakeForEvents() {
      due.events = true;
      start();
    },
    wakeForAll() {
      Object.assign(due, { events: true, deliveries: true, net: true });
      start();
    },
    async close() {
      ended.abort();
      if (timer !== null) clearTimeout(timer);
      await running;
      await producer?.close();
    },
  };
}
