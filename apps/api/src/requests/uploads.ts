/**
 * Uploads under way. Node gives every request the same time to arrive, which is right for JSON and
 * too short for 200 MB over a slow line: an upload may take longer, as long as something arrives
 * now and then.
 */
import type { Socket } from 'node:net';
import { withDeadline } from '@kiln/shared/deadline';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyRequest } from 'fastify';

const idleMs = 30_000;
const longestMs = 3_600_000;
/** How long what is left of a refused upload is read and thrown away. */
const lingerMs = 30_000;

/** One request while its body is being read. */
export interface UploadClock {
  /**
   * Settles as `arrival` does. Throws `request_timeout` where it takes too long, or all of the
   * upload does.
   */
  within<T>(arrival: Promise<T>): Promise<T>;
  end(): void;
}

export interface Uploads {
  begin(request: FastifyRequest): UploadClock;
  /** Whether this is Node's own limit, and the socket is one of an upload. */
  outlive(error: { code?: string }, socket: Socket): boolean;
}

export function createUploads(limits = { idleMs, longestMs, lingerMs }): Uploads {
  const sockets = new WeakSet<Socket>();
  return {
    begin({ raw }) {
      const { socket } = raw;
      sockets.add(socket);
      const endsAt = performance.now() + limits.longestMs;
      return {
        within: (arrival) =>
          settleWithin(arrival, Math.max(0, Math.min(limits.idleMs, endsAt - performance.now()))),
        end() {
          sockets.delete(socket);
          if (raw.complete) return;
          // Most clients read no answer before they have sent everything. The parser may have let
          // go of the body half-way.
          raw.unpipe();
          raw.resume();
          const timer = setTimeout(() => socket.destroy(), limits.lingerMs).unref();
          for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer));
        },
      };
    },
    outlive: ({ code }, socket) => code === 'ERR_HTTP_REQUEST_TIMEOUT' && sockets.has(socket),
  };
}

async function settleWithin<T>(arrival: Promise<T>, ms: number): Promise<T> {
  const outcome = await withDeadline(ms, () => arrival);
  if (outcome.status === 'late')
    throw new KilnError('request_timeout', 'the upload stopped arriving; send it again');
  return outcome.value;
}
