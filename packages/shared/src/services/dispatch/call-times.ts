/**
 * How long a call of a model takes, from the newest ones; what providers say where there are few.
 */
import type { Database } from '../../records/database/open-records.ts';
import { readCallTimes, type CallTimes } from '../../records/queue/call-times.ts';

export interface CallSpan {
  fastMs: number;
  slowMs: number;
  /** How many calls the span rests on; 0: on what the providers say. */
  calls: number;
}

export interface CallSpans {
  of(projectId: string, model: string): Promise<CallSpan>;
}

/** Fewer calls say little about the next one. */
const enoughCalls = 5;
/** 10 to 30 seconds are typical, and the documentation says up to two minutes. */
const documented: CallSpan = { fastMs: 10_000, slowMs: 120_000, calls: 0 };
const freshMs = 15_000;

export function createCallSpans(db: Database): CallSpans {
  const known = new Map<string, { times: Promise<CallTimes[]>; atMs: number }>();

  function timesOf(projectId: string): Promise<CallTimes[]> {
    const last = known.get(projectId);
    if (last !== undefined && performance.now() - last.atMs < freshMs) return last.times;
    const times = readCallTimes(db, projectId);
    known.set(projectId, { times, atMs: performance.now() });
    times.catch(() => known.delete(projectId));
    return times;
  }

  return {
    async of(projectId, model) {
      const found = (await timesOf(projectId)).find((each) => each.model === model);
      return found === undefined || found.calls < enoughCalls ? documented : found;
    },
  };
}
