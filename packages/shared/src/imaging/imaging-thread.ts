/**
 * The thread in which strangers' pictures are decoded: one task at a time, its answer is a message.
 * Started by `thread-pool.ts`.
 */
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { checkPicture, type PictureCheck } from './check-picture.ts';
import { makeThumbnail, type Thumbnail } from './make-thumbnail.ts';
import type { ThreadAnswer } from './thread-pool.ts';

/** What a thread is asked, and what it answers. */
export interface ImagingTasks {
  check: PictureCheck;
  thumbnail: Thumbnail;
}

export interface ImagingTask {
  kind: keyof ImagingTasks;
  bytes: Uint8Array;
  /** The decoder gives up then by itself. */
  timeoutSeconds: number;
}

// No picture is looked at twice, and one core is enough for what nobody waits for.
sharp.cache(false);
sharp.concurrency(1);

const run: Readonly<
  Record<keyof ImagingTasks, (bytes: Buffer, timeoutSeconds: number) => Promise<unknown>>
> = {
  check: checkPicture,
  thumbnail: makeThumbnail,
};

/**
 * Memory outside its heap is given back by a thread's garbage collector when it pleases, and by its
 * end at once.
 */
const maxThreadMemoryBytes = 32 * 1024 * 1024;

parentPort?.on('message', ({ kind, bytes, timeoutSeconds }: ImagingTask) => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // What is thrown ends the thread, and its picture is refused.
  void run[kind](view, timeoutSeconds).then((answer) => {
    const isSpent = process.memoryUsage().external > maxThreadMemoryBytes;
    parentPort?.postMessage({ answer, isSpent } satisfies ThreadAnswer, []);
  });
});
