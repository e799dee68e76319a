/**
 * Time limits of uploads. Node gives every request the same time to arrive, which suits JSON and is
 * too short for 200 MB over a slow connection. An upload may take longer as long as data keeps
 * arriving.
 */
import type { Socket } from 'node:net';
import { withDeadline } from '@kiln/shared/deadline';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyRequest } from 'fastify';

const idleMs = 30_000;
const maxUploadMs = 3_600_000;
/** How long the rest of a refused upload is read and discarded. */
const lingerMs = 30_000;

/** Time limits of one request while its body is read. */
export interface UploadClock {
  /**
   * Settles like `arrival`. Throws `request_timeout` when `arrival` or the whole upload takes too
   * long.
   */
  within<T>(arrival: Promise<T>): Promise<T>;
  end(): void;
}

export interface Uploads {
  begin(request: FastifyRequest): UploadClock;
  /** True when the error is Node's own request timeout and the socket carries an upload. */
  isUploadTimeout(error: { code?: string }, socket: Socket): boolean;
}

export function createUploads(limits = { idleMs, maxUploadMs, lingerMs }): Uploads {
  const sockets = new WeakSet<Socket>();
  return {
    begin({ raw }) {
      const { socket } = raw;
      sockets.add(socket);
      const endsAt = performance.now() + limits.maxUploadMs;
      return {
        within: (arrival) =>
          settleWithin(arrival, Math.max(0, Math.min(limits.idleMs, endsAt - performance.now()))),
        end() {
          sockets.delete(socket);
          if (raw.complete) return;
          // Most clients read no response before they have sent everything, so read the rest.
          // Unpipe first: the parser may have stopped reading half-way.
          raw.unpipe();
          raw.resume();
          const timer = setTimeout(() => socket.destroy(), limits.lingerMs).unref();
          for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer));
        },
      };
    },
    isUploadTimeout: ({ code }, socket) =>
      code === 'ERR_HTTP_REQUEST_TIMEOUT' && sockets.has(socket),
  };
}

async function settleWithin<T>(arrival: Promise<T>, ms: number): Promise<T> {
  const outcome = await withDeadline(ms, () => arrival);
  if (outcome.status === 'late')
    throw new KilnError('request_timeout', 'the upload did not arrive in time; send it again');
  return outcome.value;
}
