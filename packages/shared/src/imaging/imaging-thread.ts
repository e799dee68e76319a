/**
 * The thread that decodes untrusted pictures: one task at a time, answered by a message. Started by
 * `thread-pool.ts`.
 */
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { checkPicture, type PictureCheck } from './check-picture.ts';
import { makeThumbnail, type Thumbnail } from './make-thumbnail.ts';
import { turnPicture, type TurnedPicture } from './turn-picture.ts';
import type { ThreadAnswer } from './thread-pool.ts';

/** The tasks of a thread and their results. */
export interface ImagingTasks {
  check: PictureCheck;
  thumbnail: Thumbnail;
  turn: TurnedPicture;
}

export interface ImagingTask {
  kind: keyof ImagingTasks;
  bytes: Uint8Array;
  /** Time limit of the decoder itself. */
  timeoutSeconds: number;
  /** The EXIF orientation by which a picture is turned; 1: not at all. */
  orientation: number;
}

// Every picture is decoded once, so caching is useless; one core is enough for background work.
sharp.cache(false);
sharp.concurrency(1);

const run: Readonly<
  Record<
    keyof ImagingTasks,
    (bytes: Buffer, timeoutSeconds: number, orientation: number) => Promise<unknown>
  >
> = {
  check: checkPicture,
  thumbnail: makeThumbnail,
  turn: turnPicture,
};

/**
 * A larger thread is replaced: its garbage collector releases memory outside the heap late, but
 * ending the thread releases it at once.
 */
const maxThreadMemoryBytes = 32 * 1024 * 1024;

parentPort?.on('message', ({ kind, bytes, timeoutSeconds, orientation }: ImagingTask) => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // An exception ends the thread, and its picture is refused.
  void run[kind](view, timeoutSeconds, orientation).then((answer) => {
    const isSpent = process.memoryUsage().external > maxThreadMemoryBytes;
    parentPort?.postMessage({ answer, isSpent } satisfies ThreadAnswer, []);
  });
});
