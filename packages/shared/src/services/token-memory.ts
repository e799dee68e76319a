/**
 * The learnt means of a process: what estimates read, and what answered calls add.
 *
 * Estimates read a copy that is at most a second old, so that submissions cost no statement each.
 * Samples are collected while the ones before them are being written, so that many answers cost one
 * statement. Both are best effort: without the database, estimates keep the last copy, and samples
 * are dropped with a warning. One call makes no difference to an estimate.
 */
import { withDeadline } from '../deadline.ts';
import { readLearnt, nothingLearnt, type LearntTokens } from '../models/cost/learnt-tokens.ts';
import type { Database } from '../records/database/open-records.ts';
import { addSamples, readMeans, type Sample } from '../records/jobs/learnt-tokens.ts';
import type { Logger } from '../logger.ts';

export interface TokenMemory {
  /** Never rejects. */
  read(): Promise<LearntTokens>;
  /** Adds samples soon; a failure is only logged. */
  add(samples: readonly Sample[]): void;
  /** Resolves when every sample so far has been written or dropped. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const freshMs = 1_000;
/** The shortest time between two statements that write samples. */
const pauseMs = 250;
/** A process that stops does not wait for a database that is away. */
const closeLimitMs = 1_000;
/** Answers come at the pace of the quotas, so this many only wait while the database is away. */
const mostWaiting = 10_000;

export function createTokenMemory({ db, log }: { db: Database; log: Logger }): TokenMemory {
  let copy: LearntTokens = nothingLearnt;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let waiting: Sample[] = [];
  let writing: Promise<void> | null = null;
  const closing = Promise.withResolvers<void>();

  async function refresh(): Promise<void> {
    try {
      copy = readLearnt(await readMeans(db));
    } catch (err) {
      log.warn(
        { err },
        'what calls were billed cannot be read; estimates use what was read before',
      );
    }
    readAtMs = performance.now();
    reading = null;
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const samples = waiting;
      waiting = [];
      await addSamples(db, samples).catch((err: unknown) =>
        log.warn({ err }, 'what calls were billed could not be recorded for later estimates'),
      );
      readAtMs = Number.NEGATIVE_INFINITY; // this process reads its own samples back
      const pause = Promise.withResolvers<void>();
      const timer = setTimeout(pause.resolve, pauseMs);
      await Promise.race([pause.promise, closing.promise]);
      clearTimeout(timer);
    }
    writing = null;
  }

  return {
    async read() {
      if (performance.now() - readAtMs > freshMs) await (reading ??= refresh());
      return copy;
    },
    add(samples) {
      waiting.push(...samples.slice(0, mostWaiting - waiting.length));
      if (waiting.length > 0) writing ??= write();
    },
    async settle() {
      await writing;
    },
    async close() {
      closing.resolve();
      await withDeadline(closeLimitMs, () => Promise.all([writing, reading]));
    },
  };
}
