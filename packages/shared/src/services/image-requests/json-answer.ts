/**
 * Builds OpenAI's JSON response, written while the pictures are read, so that no picture is ever
 * held whole.
 */
import { Readable } from 'node:stream';
import { toSeconds } from '../../domain/unix-seconds.ts';
import { KilnError } from '../../errors.ts';
import type { ImageRow, JobRow } from '../../records/jobs/jobs.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { base64Length, toBase64 } from '../base64.ts';
import type { MadeImages } from './await-images.ts';
import type { AnswerForm } from './read-request.ts';

export interface JsonAnswer {
  /** Exact, so that clients detect a response that breaks off. */
  bytes: number;
  /** Read it to its end or destroy it. */
  body: Readable;
}

/** Throws `image_missing`, and the store's errors, when the first picture cannot be read. */
export async function openJsonAnswer(
  store: ObjectStore,
  { job, images }: MadeImages,
  { pictures }: AnswerForm,
  baseUrl: string,
): Promise<JsonAnswer> {
  const head = `{"created":${toSeconds(job.finished_at ?? job.created_at)},"data":[`;
  const tail = `],${JSON.stringify(describeImages(job, images)).slice(1)}`;
  if (pictures === 'url') {
    const urls = images.map(({ index }) => ({
      url: `${baseUrl}/v1/jobs/${job.id}/images/${index}`,
    }));
    const whole = Buffer.from(head + JSON.stringify(urls).slice(1, -1) + tail);
    return { bytes: whole.length, body: toBody(once(whole)) };
  }
  const [first] = images;
  // Open the first picture before the status is sent, so that an outage gets an error status.
  const opened = first === undefined ? null : await openImage(store, first);
  const body = toBody(write(store, opened, images, head, tail));
  // If the caller disconnects before the first read, the generator never starts and closes nothing.
  body.once('close', () => opened?.destroy());
  return { bytes: lengthOf(head, images, tail), body };
}

/**
 * Describes all pictures of a job. If the provider does not report its choice, uses the requested
 * value, unless that was `auto`.
 */
export function describeImages(job: JobRow, images: readonly ImageRow[]) {
  const background = job.chosen?.background ?? withoutAuto(job.request.background);
  const quality = job.chosen?.quality ?? withoutAuto(job.request.quality);
  const [first] = images;
  return {
    ...(background !== undefined && { background }),
    ...(first && { output_format: first.format }),
    ...(quality !== undefined && { quality }),
    ...(first && { size: `${first.width}x${first.height}` }),
    ...(job.usage && { usage: job.usage }),
    ...(job.svg_usage && { svg_usage: job.svg_usage }),
  };
}

function withoutAuto(asked: string | undefined): string | undefined {
  return asked === 'auto' ? undefined : asked;
}

export async function openImage(
  store: ObjectStore,
  { job_id: jobId, index, object_key: key }: ImageRow,
) {
  const object = await store.get(key);
  if (object === null)
    throw new KilnError(
      'image_missing',
      `the bytes of image ${index} of ${jobId} are not in the object store`,
    );
  return object.stream;
}

const open = '{"b64_json":"';
const close = '"}';

function lengthOf(head: string, images: readonly ImageRow[], tail: string): number {
  const pictures = images.map(({ bytes }) => open.length + base64Length(bytes) + close.length);
  const commas = Math.max(0, images.length - 1);
  return pictures.reduce((sum, each) => sum + each, Buffer.byteLength(head + tail) + commas);
}

async function* write(
  store: ObjectStore,
  opened: Readable | null,
  images: readonly ImageRow[],
  head: string,
  tail: string,
): AsyncGenerator<Buffer> {
  let stream = opened;
  try {
    yield Buffer.from(head);
    for (const [index, image] of images.entries()) {
      stream ??= await openImage(store, image);
      yield Buffer.from(`${index === 0 ? '' : ','}${open}`);
      yield* toBase64(stream as AsyncIterable<Buffer>);
      stream = null;
      yield Buffer.from(close);
    }
    yield Buffer.from(tail);
  } finally {
    stream?.destroy(); // the caller may have disconnected before it was read
  }
}

function toBody(pieces: AsyncGenerator<Buffer>): Readable {
  return Readable.from(pieces, { objectMode: false });
}

async function* once(whole: Buffer): AsyncGenerator<Buffer> {
  yield whole;
}
