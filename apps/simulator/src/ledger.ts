/**
 * The simulator's own record of every call. Tests treat it as the truth about what was paid and how
 * calls were spaced. An entry is on disk before its answer is sent; prompts are hashed, never
 * stored. It holds all entries in memory and is meant for tests only.
 */
import { EventEmitter, on } from 'node:events';
import type { Arrival } from './arrivals.ts';
import { openJournal, type Journal } from './journal.ts';
import { buildWindows, usualSlices, type QuotaLimits } from './quota.ts';
import type { SvgUsage, Usage, Weight } from './tokens.ts';

/** Times are milliseconds since the epoch with a fraction, from a clock that never goes back. */
export interface LedgerEntry {
  seq: number;
  received_at: number;
  /**
   * The call cannot have arrived before this: it may have waited for a simulator that stalled
   * (`arrivals.ts`). A simulator that does not watch that writes `received_at`.
   */
  arrived_after: number;
  finished_at: number;
  route: string;
  deployment: string | null;
  model: string | null;
  n: number | null;
  /** Requested partial images; null for a call that is not streamed. */
  partial_images: number | null;
  prompt_sha256: string | null;
  user: string | null;
  kiln_job_id: string | null;
  kiln_attempt_id: string | null;
  fault: string | null;
  /** Null when no status was sent. */
  status: number | null;
  /** True when this call took a start of the quota. */
  took_quota: boolean;
  paid: boolean;
  /** Number of images billed. */
  images: number;
  usage: Usage | null;
  /** The second meter of an SVG document. */
  svg_usage: SvgUsage | null;
  request_id: string;
  /** Hashes of every image sent, fully or in part. */
  image_sha256: string[];
  /** Hashes of every picture received for an edit, in order. */
  source_sha256: string[];
  mask_sha256: string | null;
  markup_sha256: string | null;
  /** True when the client had disconnected before the answer was ready. */
  client_gone: boolean;
}

export interface Tally {
  calls: number;
  in_flight: number;
  paid: number;
  images: number;
  refused_by_429: number;
}

export interface Spacing {
  /** Spacing of the calls that took quota; windows are shortened by the quota's tolerance. */
  max_starts_per_minute: number;
  max_starts_per_slice: number;
  max_images_per_minute: number;
  max_tokens_per_minute: number;
  min_gap_ms: number | null;
}

export interface Ledger {
  /** Counts a call that has arrived, and returns its number, from 1. */
  begin(): number;
  /** Records that a call took a start of the quota between two times, and what it weighs. */
  noteStart(arrival: Arrival, weight: Weight): void;
  /** Resolves when the entry is on disk. */
  record(entry: LedgerEntry): Promise<void>;
  entries(): readonly LedgerEntry[];
  tally(): Readonly<Tally>;
  measureSpacing(limits: QuotaLimits): Spacing;
  /** Resolves with true when `isReached` holds, or with its last value when the signal aborts. */
  waitFor(isReached: () => boolean, signal: AbortSignal): Promise<boolean>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openLedger(path: string | null): Promise<Ledger> {
  const journal: Journal | null = path === null ? null : await openJournal(path);
  const changes = new EventEmitter().setMaxListeners(0);
  let entries: LedgerEntry[] = [];
  let starts: Start[] = [];
  let tally: Tally = { calls: 0, in_flight: 0, paid: 0, images: 0, refused_by_429: 0 };
  return {
    begin() {
      tally.calls += 1;
      tally.in_flight += 1;
      changes.emit('change');
      return tally.calls;
    },
    noteStart: (arrival, weight) => void starts.push({ ...arrival, ...weight }),
    async record(entry) {
      await journal?.append(JSON.stringify(entry));
      entries.push(entry);
      tally.in_flight -= 1;
      tally.images += entry.images;
      if (entry.paid) tally.paid += 1;
      if (entry.status === 429) tally.refused_by_429 += 1;
      changes.emit('change');
    },
    entries: () => entries,
    tally: () => tally,
    measureSpacing: (limits) => measureSpacing(starts, limits),
    async waitFor(isReached, signal) {
      if (isReached()) return true;
      try {
        for await (const _ of on(changes, 'change', { signal })) if (isReached()) return true;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      return isReached();
    },
    async clear() {
      await journal?.clear();
      entries = [];
      starts = [];
      // Keep the count of calls in flight: they are recorded when they end.
      tally = { calls: 0, in_flight: tally.in_flight, paid: 0, images: 0, refused_by_429: 0 };
    },
    close: async () => journal?.close(),
  };
}

type Start = Arrival & Weight;

function measureSpacing(starts: readonly Start[], limits: QuotaLimits): Spacing {
  const windows = buildWindows({ ...limits, slices: usualSlices });
  const [minuteMs = 0, sliceMs = 0] = windows.map(
    ({ lengthMs }) => lengthMs - Math.min(limits.toleranceMs, lengthMs / 2),
  );
  let gap = Number.POSITIVE_INFINITY;
  for (let index = 1; index < starts.length; index++)
    gap = Math.min(gap, (starts[index]?.at ?? 0) - (starts[index - 1]?.at ?? 0));
  return {
    max_starts_per_minute: countMost(starts, minuteMs, () => 1),
    max_starts_per_slice: countMost(starts, sliceMs, () => 1),
    max_images_per_minute: countMost(starts, minuteMs, ({ images }) => images),
    max_tokens_per_minute: countMost(starts, minuteMs, ({ tokens }) => tokens),
    min_gap_ms: Number.isFinite(gap) ? gap : null,
  };
}

/** The largest weight of the starts that are certainly in a half-open window of `lengthMs`. */
function countMost(
  starts: readonly Start[],
  lengthMs: number,
  weigh: (start: Start) => number,
): number {
  let most = 0;
  let sum = 0;
  let first = 0;
  for (const start of starts) {
    sum += weigh(start);
    for (let oldest = starts[first]; oldest && start.at - oldest.earliest >= lengthMs; first++) {
      sum -= weigh(oldest);
      oldest = starts[first + 1];
    }
    most = Math.max(most, sum);
  }
  return most;
}
