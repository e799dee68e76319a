/**
 * The answer as OpenAI's server-sent events: partial images as the provider shows them, then the
 * picture, or an `error`. A comment now and then tells whatever lies on the way that the connection
 * is alive. Pictures are written while they are read.
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

/**
 * @param onError told of what the stream ends with, where that is an error: its status had been
 * sent before
 */
export async function* writeEvents(
  deps: JobDeps,
  job: { id: string; endpoint: string; request: JobRow['request'] },
  patience: WaitOptions,
  onError: (error: KilnError) => void,
): AsyncGenerator<Buffer> {
  // Sends the headers, too: the caller knows now that the job is accepted, and which it is.
  yield formatComment(job.id);
  const family = job.endpoint.endsWith('/edits') ? 'image_edit' : 'image_generation';
  try {
    for await (const news of watchImages(deps, patience, silenceMs)) {
      switch (news.kind) {
        case 'silence':
          yield formatComment('waiting');
          break;
        case 'preview':
          yield* writePreview(deps.store, `${family}.partial_image`, job.request, news.preview);
          break;
        case 'made':
          yield* writeCompleted(deps.store, `${family}.completed`, news);
      }
    }
  } catch (error) {
    const refusal = toUnavailableError(job.id, error);
    onError(refusal);
    // Half a picture cannot be taken back: the caller's connection has to end like it.
    if (error instanceof CutEvent) throw error;
    yield formatEvent({ type: 'error', data: { type: 'error', ...errorBody(refusal) } });
  }
}

/** A preview that cannot be read is passed over: the picture itself is still to come. */
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
    throw new CutEvent('the object store broke off within a picture', { cause });
  } finally {
    bytes.destroy(); // a caller who went away before it was read
  }
  yield Buffer.from(`",${JSON.stringify(facts).slice(1)}\n\n`);
}

class CutEvent extends Error {}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
