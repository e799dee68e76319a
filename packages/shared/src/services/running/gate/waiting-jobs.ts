/**
 * The jobs that wait at the gate for a start of one pool, in the order in which they start: those
 * that were asked to run next first, then interactive jobs, and jobs of a kind in the order of
 * their tickets.
 *
 * Each of them takes up a slot of its worker, and the queue engine gives the worker no job while
 * all slots are taken. So that an interactive job gets here in time, a bulk job gives its slot up
 * for it and waits on without one: its claim holds it. No more jobs wait without a slot than with
 * one, so that few jobs are claimed early.
 */
import type { StartWeight } from '../../../domain/quota.ts';

export interface WaitingJob {
  /** The lower, the sooner; below 0 for jobs that were asked to run next. */
  priority: number;
  ticket: number;
  /** What its call takes of the quota; default: one picture. */
  weight?: StartWeight;
  /** Gives the job's slot to another job. Absent: it has none. */
  giveSlot?: () => void;
}

export interface Waiter<Outcome>
  extends PromiseWithResolvers<Outcome>, Required<Omit<WaitingJob, 'giveSlot'>> {
  /** null: it has none. */
  giveSlot: (() => void) | null;
}

export interface WaitingJobs<Outcome> {
  add(waiter: Waiter<Outcome>): void;
  count(): number;
  /** The weights of the first jobs. */
  weights(most: number): StartWeight[];
  /** Removes and returns the first job that `mayStart`. */
  takeFirst(mayStart: (weight: StartWeight) => boolean): Waiter<Outcome> | undefined;
  takeAll(): Waiter<Outcome>[];
  /** So many interactive jobs wait for a slot: bulk jobs give theirs up, now or when they come. */
  freeSlots(wanted: number): void;
}

/** The priority of interactive jobs; those that go before them are interactive, too. */
const interactive = 0;

export function createWaitingJobs<Outcome>(): WaitingJobs<Outcome> {
  let waiting: Waiter<Outcome>[] = [];
  /** The slots that interactive jobs need and no bulk job has given up yet. */
  let slotsWanted = 0;

  /** The jobs that start first give up their slots first, so none waits long without one. */
  function giveSlots(): void {
    let without = waiting.filter(({ giveSlot }) => giveSlot === null).length;
    for (const waiter of waiting) {
      if (slotsWanted === 0 || without * 2 >= waiting.length) return;
      const { giveSlot, priority } = waiter;
      if (priority <= interactive || giveSlot === null) continue;
      waiter.giveSlot = null;
      slotsWanted -= 1;
      without += 1;
      giveSlot();
    }
  }

  return {
    add(waiter) {
      const behind = waiting.findIndex((other) => startsAfter(other, waiter));
      waiting.splice(behind === -1 ? waiting.length : behind, 0, waiter);
      if (waiter.priority <= interactive) slotsWanted = Math.max(0, slotsWanted - 1);
      else giveSlots();
    },
    count: () => waiting.length,
    weights: (most) => waiting.slice(0, most).map(({ weight }) => weight),
    takeFirst(mayStart) {
      const index = waiting.findIndex(({ weight }) => mayStart(weight));
      return index === -1 ? undefined : waiting.splice(index, 1)[0];
    },
    takeAll() {
      const all = waiting;
      waiting = [];
      return all;
    },
    freeSlots(wanted) {
      slotsWanted = wanted;
      giveSlots();
    },
  };
}

function startsAfter(
  other: Pick<WaitingJob, 'priority' | 'ticket'>,
  waiter: Pick<WaitingJob, 'priority' | 'ticket'>,
): boolean {
  return other.priority === waiter.priority
    ? other.ticket > waiter.ticket
    : other.priority > waiter.priority;
}
