/**
 * The thread that decodes untrusted pictures: one task at a time, answered by a message. Started by
 * `thread-pool.ts`.
 */
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { isDecoderTimeout } from './decoder-timeout.ts';
import { checkPicture, type PictureCheck } from './check-picture.ts';
import { makeComposite, type Composite } from './make-composite.ts';
import { makeThumbhash } from './make-thumbhash.ts';
import { makeThumbnail, type Thumbnail } from './make-thumbnail.ts';
import { turnPicture, type TurnedPicture } from './turn-picture.ts';
import type { ThreadAnswer } from './thread-pool.ts';

/** The tasks of a thread and their results. */
export interface ImagingTasks {
  check: PictureCheck;
  thumbnail: Thumbnail;
  turn: TurnedPicture;
  thumbhash: string | null;
  composite: Composite;
}

export interface ImagingTask {
  kind: keyof ImagingTasks;
  /** One picture; for a composite the result, the original and the mask. */
  pictures: Uint8Array[];
  /** Time limit of the decoder itself. */
  timeoutSeconds: number;
  /** The EXIF orientation by which a picture is turned; 1: not at all. */
  orientation: number;
}

// Every picture is decoded once, so caching is useless; one core is enough for background work.
sharp.cache(false);
sharp.concurrency(1);

const empty = Buffer.alloc(0);

const run: Readonly<
  Record<
    keyof ImagingTasks,
    (pictures: Buffer[], timeoutSeconds: number, orientation: number) => Promise<unknown>
  >
> = {
  check: ([bytes = empty], seconds) => checkPicture(bytes, seconds),
  thumbnail: ([bytes = empty], seconds) => makeThumbnail(bytes, seconds),
  thumbhash: ([bytes = empty], seconds) => makeThumbhash(bytes, seconds),
  turn: ([bytes = empty], seconds, orientation) => turnPicture(bytes, seconds, orientation),
  composite: ([result = empty, original = empty, mask = empty], seconds, maskOrientation) =>
    makeComposite({ result, original, mask, maskOrientation }, seconds),
};

/**
 * A larger thread is replaced: its garbage collector releases memory outside the heap late, but
 * ending the thread releases it at once.
 */
const maxThreadMemoryBytes = 32 * 1024 * 1024;

parentPort?.on('message', ({ kind, pictures, timeoutSeconds, orientation }: ImagingTask) => {
  const views = pictures.map((bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
  const post = (answer: ThreadAnswer) => parentPort?.postMessage(answer, []);
  // An exception ends the thread, and its picture is refused.
  void run[kind](views, timeoutSeconds, orientation).then(
    (answer) => {
      const isSpent = process.memoryUsage().external > maxThreadMemoryBytes;
      post({ status: 'answered', answer, isSpent });
    },
    (error: unknown) => {
      if (!isDecoderTimeout(error)) throw error;
      post({ status: 'out_of_time' });
    },
  );
});
