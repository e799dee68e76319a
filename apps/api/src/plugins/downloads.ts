/**
 * Keeps downloads from slowing other requests.
 *
 * Problem: each download holds a connection, a stream of the store and what the network has
 * buffered, for as long as its client wants; hundreds that fill their buffers at once keep the
 * process busy.
 * Approach: a process sends a limited number of files at a time, and further ones wait for a
 * moment. The stream of a file is read only as fast as its client reads. A client that accepts
 * nothing for a while is disconnected, whatever the response; a slow one is not.
 */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Config } from '@kiln/shared/config';
import { KilnError } from '@kiln/shared/errors';
import { createTurns } from '@kiln/shared/services/turns';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { disconnectSignal } from '../limits/wait-limiter.ts';
import { whenClosed } from '../limits/when-closed.ts';

/** The routes that send files. */
const downloads: ReadonlySet<string | undefined> = new Set([
  '/v1/files/:id/content',
  '/v1/jobs/:id/images/:index',
  '/v1/jobs/:id/images/:index/composite',
  '/v1/jobs/:id/partial_images/:index',
  '/v1/batches/:id/failed.csv',
  '/v1/batches/:id/failed.jsonl',
  '/v1/batches/:id/manifest.csv',
  '/v1/batches/:id/archive.zip',
]);

/** Downloads of pictures are short, so many may wait. */
const maxWaiting = 2_000;
/** How long a download waits for its turn. */
const waitMs = 10_000;

export function addDownloadLimits(
  app: FastifyInstance,
  limits: Pick<Config, 'downloads' | 'downloadStallMs'>,
): void {
  const turns = createTurns({
    atOnce: limits.downloads,
    maxWaiting,
    waitMs,
    refuse: () =>
      new KilnError(
        'downloads_busy',
        `this process sends ${limits.downloads} files already, the most at a time ` +
          '(KILN_DOWNLOADS); retry',
        { retryAfterMs: 2_000 },
      ),
  });
  app.addHook('preHandler', async (request, reply): Promise<FastifyReply | undefined> => {
    if (!downloads.has(request.routeOptions.url)) return undefined;
    const disconnected = disconnectSignal(reply);
    try {
      await turns.take(disconnected);
    } catch (error) {
      if (!disconnected.aborted) throw error;
      return reply.hijack(); // there is no client to answer any more
    }
    whenClosed(reply, () => turns.leave());
    return undefined;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (payload instanceof Readable)
      endWhenStalled(reply.raw, limits.downloadStallMs, () =>
        request.log.info('the client of a download stopped reading and was disconnected'),
      );
    return payload;
  });
}

/**
 * Node's timeout of a socket counts as activity every byte that the client accepts, also of one
 * large write.
 */
function endWhenStalled(raw: ServerResponse, stallMs: number, onStall: () => void): void {
  raw.setTimeout(stallMs, () => {
    if (raw.destroyed || raw.writableFinished) return;
    const isClientSlow = raw.writableLength > 0 || (raw.socket?.writableLength ?? 0) > 0;
    if (isClientSlow) {
      onStall();
      raw.destroy();
    } else raw.setTimeout(stallMs); // nothing waits for the client: the store is slow
  });
}
