/**
 * The courier: makes deliveries of events and hands the queue engine those that are due. Every
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
  closeWaiting,
  listLapsed,
  lookAround,
  nextDueMs,
  returnHands,
  settleTry,
  takeDue,
  type Hand,
  type Places,
} from '../../records/webhooks/delivery-hands.ts';
import type { Database } from '../../records/database/open-records.ts';
import { settlementOfFailure } from './delivery-settlement.ts';

export interface Courier {
  /** There may be something to hand over. Never throws and waits for nothing. */
  poke(): void;
  /** There may be new events besides. */
  pokeEvents(): void;
  /** What happened while nobody was told, and what was lost. */
  pokeAll(): void;
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

export function createCourier(parts: {
  db: Database;
  engine: QueueEngine;
  minuteMs: number;
  log: Logger;
}): Courier {
  const { db, engine, minuteMs, log } = parts;
  const due = { events: true, hands: true, net: true };
  let producer: Producer<'deliveries'> | null = null;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  const ended = new AbortController();

  function isAnythingDue(): boolean {
    return due.events || due.hands || due.net;
  }

  function wake(): void {
    if (ended.signal.aborted || running !== null) return;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    running = runUntilQuiet()
      .catch((err: unknown) => {
        log.warn({ err }, 'deliveries could not be handed over; the next turn tries again');
        Object.assign(due, { events: false, hands: false, net: false });
        return netMs;
      })
      .then((nextMs) => {
        running = null;
        if (ended.signal.aborted) return;
        if (isAnythingDue()) wake();
        else timer = setTimeout(wake, nextMs);
      });
  }

  /**
   * One statement says whether there is anything to do: a system at rest asks no more of its
   * database.
   */
  async function look(): Promise<number> {
    const { isAnything, dueMs } = await lookAround(db);
    if (isAnything) Object.assign(due, { events: true, hands: true, net: true });
    return dueMs ?? netMs;
  }

  /** Resolves to how soon there is something to do again. */
  async function runUntilQuiet(): Promise<number> {
    let dueMs = isAnythingDue() ? netMs : await look();
    while (!ended.signal.aborted && isAnythingDue()) {
      const { events, net } = due;
      Object.assign(due, { events: false, hands: false, net: false });
      if (net) await cast();
      // What cannot be made of events keeps nothing waiting that has been made; the next look tries
      // again.
      if (events)
        await fanOut(db).catch((err: unknown) =>
          log.error({ err }, 'events could not become deliveries'),
        );
      const lookedAt = await handOver();
      await delay(betweenTurnsMs);
      if (!isAnythingDue()) dueMs = (await nextDueMs(db, lookedAt)) ?? netMs;
    }
    return Math.min(netMs, Math.max(betweenTurnsMs, dueMs));
  }

  /** Resolves to when it looked, by the database's clock. */
  async function handOver(): Promise<Date> {
    for (let lane = ''; ;) {
      const { hands, lastLane, lookedAt } = await takeDue(db, places, lane);
      if (hands.length > 0) await add(hands);
      if (lastLane === '' || ended.signal.aborted) return lookedAt;
      lane = lastLane;
    }
  }

  async function add(hands: readonly Hand[]): Promise<void> {
    producer ??= engine.producer('deliveries', deliveriesQueue);
    try {
      await producer.add(
        hands.map((hand) => ({ id: `${hand.deliveryId}-${hand.handNo}`, payload: hand })),
      );
    } catch (error) {
      await returnHands(db, hands);
      throw error;
    }
  }

  async function cast(): Promise<void> {
    const { returned, lost } = await listLapsed(db);
    for (const { sendingSince, triesOfRun, ...hand } of lost) {
      const made = {
        startedAt: sendingSince,
        durationMs: 0,
        httpStatus: null,
        error: 'worker_lost',
        answer: null,
      } as const;
      await settleTry(db, hand, made, settlementOfFailure(triesOfRun, null, minuteMs));
    }
    if (returned + lost.length > 0)
      log.warn(
        { returned, lost: lost.length },
        'deliveries of a lost worker or engine are handed over again',
      );
    while (!ended.signal.aborted && (await closeWaiting(db)) > 0);
  }

  wake();
  return {
    poke() {
      due.hands = true;
      wake();
    },
    pokeEvents() {
      due.events = true;
      wake();
    },
    pokeAll() {
      Object.assign(due, { events: true, hands: true, net: true });
      wake();
    },
    async close() {
      ended.abort();
      if (timer !== null) clearTimeout(timer);
      await running;
      await producer?.close();
    },
  };
}
