/**
 * Remembers when the requests of a pool were sent, and says when the next one may be sent so that
 * no slice of the quota holds one too many, wherever the slice begins.
 *
 * A request counts from the moment when it was written, because only then it is on its way to the
 * provider. Until it is written, the log takes it to be written after the usual time.
 */
import { sliceSpanMs, type Pace } from '../../../quota/pace.ts';
import { createRecentSamples } from './recent-samples.ts';

export interface SentRequest {
  /** When it was written, by `performance.now()`, or will probably be. */
  writtenAtMs: number;
  /** When it could be sent at the earliest: its start was due, and no slice was full. */
  readonly dueAtMs: number;
}

export interface StartLog {
  /** When the next request may be sent. */
  earliestMs(): number;
  /** Records that a request is being sent now, which could be sent at `dueAtMs`. */
  send(dueAtMs: number): SentRequest;
  /** Records that the request has been written now. */
  written(request: SentRequest): void;
  /**
   * How much later than usual requests are written at times, counted from when they could be sent.
   * It measures how busy this machine is and how even the way to the provider.
   */
  latenessMs(): number;
}

/** The measurements of about twelve seconds, within limits. */
const fewestKept = 200;
const mostKept = 600;
const fewestSamples = 10;
/** The first requests of a process are slow: its code is compiled, its connections are opened. */
const warmUpRequests = 5;
/** Requests that catch up come a third faster than usual at most. */
const closestShare = 0.75;
/** The log is bounded. Slices with more starts are kept by the even spacing alone. */
const mostRemembered = 5_000;

export function createStartLog({ slices, intervalMs, tightest }: Pace): StartLog {
  const kept = slices.filter(({ starts }) => starts <= mostRemembered);
  const closestMs = intervalMs * closestShare;
  const most = Math.max(1, ...kept.map(({ starts }) => starts));
  const requests: SentRequest[] = [];
  let sentAtMs = Number.NEGATIVE_INFINITY;
  /** The time between sending and having written, and between being due and having written. */
  const samples = Math.min(mostKept, Math.max(fewestKept, 12_000 / intervalMs));
  const writing = createRecentSamples(Math.ceil(samples), fewestSamples);
  const late = createRecentSamples(Math.ceil(samples), fewestSamples);
  let warmUpLeft = warmUpRequests;
  const sentAt = new WeakMap<SentRequest, number>();

  function latenessMs(): number {
    return Math.min(late.quantile(0.99) - late.quantile(0.1), tightest.lengthMs / 10);
  }

  return {
    latenessMs,
    earliestMs() {
      const latest = kept.map((slice) => {
        const first = requests.at(-slice.starts);
        return first === undefined
          ? Number.NEGATIVE_INFINITY
          : first.writtenAtMs + sliceSpanMs(slice, latenessMs());
      });
      // The next request also takes some time until it is written.
      return Math.max(Math.max(...latest) - writing.quantile(0.05), sentAtMs + closestMs);
    },
    send(dueAtMs) {
      sentAtMs = performance.now();
      const request = { writtenAtMs: sentAtMs + writing.quantile(0.5), dueAtMs };
      sentAt.set(request, sentAtMs);
      requests.push(request);
      if (requests.length > most * 2) requests.splice(0, requests.length - most);
      return request;
    },
    written(request) {
      request.writtenAtMs = performance.now();
      warmUpLeft -= 1;
      if (warmUpLeft >= 0) return;
      writing.add(request.writtenAtMs - (sentAt.get(request) ?? request.writtenAtMs));
      late.add(request.writtenAtMs - request.dueAtMs);
    },
  };
}
