/**
 * Writes the response as OpenAI's server-sent events: partial images as the provider sends them,
 * then the picture or an `error`. A regular comment shows proxies that the connection is alive.
 * Pictures are written while they are read, never held whole.
 */
import type { Readable } from 'node:stream';
import { errorBody, type KilnError } from '../../errors.ts';
import type { Preview } from '../../records/events/preview-events.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { toBase64 } from '../base64.ts';
import { keyOfPreview } from '../files/object-keys.ts';
import { formatComment, formatEvent, silenceMs } from '../events/server-sent-events.ts';
import { watchImages, type MadeImages, type WaitOptions } from './await-images.ts';
import { describeImages, openImage } from './json-answer.ts';
import { toUnavailableError } from './outcome-error.ts';
import type { JobDeps } from '../jobs/job-deps.ts';

/** @param onError called with the error that ends the stream, because the status was sent before */
export async function* writeEvents(
  deps: JobDeps,
  job: { id: string; endpoint: string; request: JobRow['request'] },
  options: WaitOptions,
  onError: (error: KilnError) => void,
): AsyncGenerator<Buffer> {
  // This also sends the headers, so that the caller knows the job is accepted and has its id.
  yield formatComment(job.id);
  const family = job.endpoint.endsWith('/edits') ? 'image_edit' : 'image_generation';
  try {
    for await (const progress of watchImages(deps, options, silenceMs)) {
      switch (progress.kind) {
        case 'silence':
          yield formatComment('waiting');
          break;
        case 'preview':
          yield* writePreview(deps.store, `${family}.partial_image`, job.request, progress.preview);
          break;
        case 'made':
          yield* writeCompleted(deps.store, `${family}.completed`, progress);
      }
    }
  } catch (error) {
    const refusal = toUnavailableError(job.id, error);
    onError(refusal);
    // A partly sent picture cannot be withdrawn, so end the connection as incomplete.
    if (error instanceof CutEvent) throw error;
    yield formatEvent({ type: 'error', data: { type: 'error', ...errorBody(refusal) } });
  }
}

/** Skips a preview that cannot be read: the picture itself is still to come. */
async function* writePreview(
  store: ObjectStore,
  type: string,
  { size = 'auto', quality = 'auto', background = 'auto' }: JobRow['request'],
  preview: Preview,
): AsyncGenerator<Buffer> {
  const object = await store.get(keyOfPreview(preview)).catch(() => null);
  if (object === null) return;
  yield* writeEvent(type, object.stream, {
    partial_image_index: preview.index,
    created_at: nowSeconds(),
    size,
    quality,
    background,
    output_format: preview.format,
  });
}

async function* writeCompleted(
  store: ObjectStore,
  type: string,
  made: MadeImages,
): AsyncGenerator<Buffer> {
  const { quality = 'auto', background = 'auto' } = made.job.request;
  for (const image of made.images) {
    yield* writeEvent(type, await openImage(store, image), {
      created_at: nowSeconds(),
      quality,
      background,
      ...describeImages(made.job, [image]),
    });
  }
}

async function* writeEvent(
  type: string,
  bytes: Readable,
  facts: Record<string, unknown>,
): AsyncGenerator<Buffer> {
  try {
    yield Buffer.from(`event: ${type}\ndata: {"type":${JSON.stringify(type)},"b64_json":"`);
    yield* toBase64(bytes as AsyncIterable<Buffer>);
  } catch (cause) {
    throw new CutEvent('the object store failed in the middle of a picture', { cause });
  } finally {
    bytes.destroy(); // the caller may have disconnected before it was read
  }
  yield Buffer.from(`",${JSON.stringify(facts).slice(1)}\n\n`);
}

class CutEvent extends Error {}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
