/**
 * Time limits of uploads. Node gives every request the same time to arrive, which suits JSON and is
 * too short for 200 MB over a slow connection. An upload may take longer as long as data keeps
 * arriving. The texts of a form stay in memory for that long, so those of all forms together have
 * a limit.
 */
import type { Socket } from 'node:net';
import { withDeadline } from '@kiln/shared/deadline';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyRequest } from 'fastify';
import { maxBufferedBodyBytes, uncountedBytes } from '../limits/body-limits.ts';
import { createByteBudget } from '../limits/byte-budget.ts';
import { bodiesBusy } from '../limits/large-body-limiter.ts';

const idleMs = 30_000;
/** Fewer bytes than this within `idleMs` are no progress. */
const minProgressBytes = 1_024;
const maxUploadMs = 3_600_000;
/** How long the rest of a refused upload is read and discarded. */
const lingerMs = 30_000;
/** A client that sends nothing only needs the time to receive its answer. */
const idleLingerMs = 1_000;

/** Time limits of one request while its body is read. */
export interface UploadClock {
  /**
   * Settles like `arrival`. Throws `request_timeout` when hardly anything arrives, or the whole
   * upload takes too long. Only the time that is spent in here counts: while the bytes are stored,
   * none are asked for.
   */
  within<T>(arrival: Promise<T>): Promise<T>;
  /** Counts bytes that are kept in memory until `end`. Throws `large_bodies_busy`. */
  hold(bytes: number): void;
  end(): void;
}

export interface Uploads {
  begin(request: FastifyRequest): UploadClock;
  /** True when the error is Node's own request timeout and the socket carries an upload. */
  isUploadTimeout(error: { code?: string }, socket: Socket): boolean;
}

export function createUploads(
  limits = { idleMs, maxUploadMs, lingerMs, minProgressBytes },
): Uploads {
  const sockets = new WeakSet<Socket>();
  const texts = createByteBudget(maxBufferedBodyBytes);
  return {
    begin({ raw }) {
      const { socket } = raw;
      sockets.add(socket);
      const endsAt = performance.now() + limits.maxUploadMs;
      let progressAt = socket.bytesRead;
      let waitedMs = 0;
      let isIdle = false;
      const held = texts.open();
      let heldBytes = 0;
      return {
        async within(arrival) {
          const startedAt = performance.now();
          const leftMs = Math.min(limits.idleMs - waitedMs, endsAt - startedAt);
          const outcome = await withDeadline(Math.max(0, leftMs), () => arrival);
          if (outcome.status === 'late') {
            isIdle = true;
            throw tooLate(startedAt + leftMs >= endsAt);
          }
          waitedMs += performance.now() - startedAt;
          if (socket.bytesRead - progressAt >= limits.minProgressBytes) {
            progressAt = socket.bytesRead;
            waitedMs = 0;
          }
          return outcome.value;
        },
        hold(bytes) {
          heldBytes += bytes;
          if (heldBytes <= uncountedBytes) return;
          if (held.add(Math.min(bytes, heldBytes - uncountedBytes)) === 'full')
            throw bodiesBusy(texts.limit);
        },
        end() {
          held.release();
          sockets.delete(socket);
          if (raw.complete) return;
          // Most clients read no response before they have sent everything, so read the rest.
          // Unpipe first: the parser may have stopped reading half-way.
          raw.unpipe();
          raw.resume();
          const restMs = isIdle ? Math.min(idleLingerMs, limits.lingerMs) : limits.lingerMs;
          const timer = setTimeout(() => socket.destroy(), restMs).unref();
          for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer));
        },
      };
    },
    isUploadTimeout: ({ code }, socket) =>
      code === 'ERR_HTTP_REQUEST_TIMEOUT' && sockets.has(socket),
  };
}

function tooLate(isTooLong: boolean): KilnError {
  return new KilnError(
    'request_timeout',
    isTooLong
      ? `the upload took longer than ${maxUploadMs / 60_000} minutes; send it in smaller files`
      : `the upload stopped: fewer than ${minProgressBytes.toLocaleString('en')} bytes arrived ` +
          `within ${idleMs / 1_000} s; send it again`,
  );
}
