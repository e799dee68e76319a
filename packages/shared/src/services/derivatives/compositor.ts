/**
 * Makes the composites that are due, one at a time, after their jobs have been settled. A
 * settlement wakes it; the maintenance task `make_composites` finds what a killed worker left. A
 * composite whose making ended a worker several times, or fails again and again, is given up with a
 * warning; an outage of the store or the database does not count.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { KilnError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { skip } from '../../models/composite-rules.ts';
import {
  recordComposite,
  returnComposite,
  takeDueComposite,
  type DueComposite,
} from '../../records/images/composites.ts';
import { isUnavailable } from '../retry-limits.ts';
import { makeComposite, type CompositeDeps, type CompositeOutcome } from './make-composite.ts';

const maxTries = 4;
/** At a stop, a composite that is being made has this time; another worker makes it otherwise. */
const closeLimitMs = 2_000;

export interface Compositor {
  /** Makes what is due, in the background. Never throws. */
  wake(): void;
  /** Makes what is due. Returns how many composites were made. */
  run(): Promise<number>;
  close(): Promise<void>;
}

export function createCompositor(deps: CompositeDeps & { log: Logger }): Compositor {
  const { db, store, log } = deps;
  const closing = new AbortController();
  let isWoken = false;
  let running: Promise<number> | null = null;

  /** Whether a composite was made; null: none is due. */
  async function makeNext(): Promise<boolean | null> {
    const due = await takeDueComposite(db);
    if (due === undefined) return null;
    const { jobId, index } = due;
    const outcome = await tryToMake(due);
    if (outcome === null) return false;
    const recorded = await recordComposite(db, due, outcome);
    if (outcome.status === 'made' && recorded === 'gone') await store.delete(outcome.objectKey);
    if (outcome.status === 'skipped')
      log.info({ jobId, index, code: outcome.code }, 'an edit has no composite');
    return outcome.status === 'made' && recorded === 'recorded';
  }

  /** Null: the try failed, counts, and is repeated later. Rethrows what an outage throws. */
  async function tryToMake(due: DueComposite): Promise<CompositeOutcome | null> {
    const { jobId, index, tries } = due;
    if (tries > maxTries)
      return skip('composite_failed', `the composite could not be made in ${maxTries} tries`);
    try {
      return await makeComposite(deps, due);
    } catch (err) {
      if (isUnavailable(err) || (err instanceof KilnError && err.code === 'imaging_busy')) {
        await returnComposite(db, due);
        throw err;
      }
      log.error({ err, jobId, index, tries }, 'a composite could not be made; it is tried again');
      return null;
    }
  }

  async function makeAll(): Promise<number> {
    let made = 0;
    try {
      do {
        isWoken = false;
        while (!closing.signal.aborted) {
          const isMade = await makeNext();
          if (isMade === null) break;
          if (isMade) made += 1;
        }
      } while (isWoken && !closing.signal.aborted);
    } finally {
      running = null; // at once, so that no later wake is missed
    }
    return made;
  }

  function run(): Promise<number> {
    isWoken = true;
    if (closing.signal.aborted) return Promise.resolve(0);
    return (running ??= makeAll());
  }

  return {
    run,
    wake() {
      run().catch((err: unknown) => {
        if (!closing.signal.aborted)
          log.warn({ err }, 'a composite could not be made yet; it is tried again');
      });
    },
    async close() {
      closing.abort();
      await Promise.race([
        running?.catch(() => undefined),
        delay(closeLimitMs, undefined, { ref: false }),
      ]);
    },
  };
}
