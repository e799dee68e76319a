/**
 * ThumbHashes of new images, in the background and best effort. A settled answer offers its images
 * and goes on. They wait in memory, a bounded number of bytes, and are hashed one at a time, at
 * half of a core at most: what does not fit gets its hash when its thumbnail is made. Nothing here
 * delays or fails a job.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Imaging } from '../../imaging/imaging.ts';
import type { Logger } from '../../logger.ts';
import { hasThumbnail } from '../../models/picture-rules.ts';
import type { Database } from '../../records/database/open-records.ts';
import { keepThumbhashes, type ImageThumbhash } from '../../records/images/thumbhashes.ts';

const maxWaiting = 50;
const maxWaitingBytes = 64 * 1024 * 1024;
/** Hashes in one statement, when many images come at once. */
const atATime = 20;

interface OfferedImage {
  format: string;
  bytes: Uint8Array;
}

export interface Thumbhashes {
  /**
   * Returns at once and never throws. The bytes must not be used any more.
   * @param images in the order of their indices
   */
  offer(jobId: string, images: readonly OfferedImage[]): void;
  /** Drops what waits. */
  close(): Promise<void>;
}

interface ThumbhashDeps {
  imaging: Imaging;
  db: Database;
  log: Logger;
}

interface Waiting {
  jobId: string;
  index: number;
  bytes: Uint8Array;
}

export function createThumbhashes({ imaging, db, log }: ThumbhashDeps): Thumbhashes {
  const waiting: Waiting[] = [];
  let waitingBytes = 0;
  let working: Promise<void> | null = null;
  let isClosed = false;

  async function hashSome(): Promise<ImageThumbhash[]> {
    const hashes: ImageThumbhash[] = [];
    while (hashes.length < atATime) {
      const next = waiting.shift();
      if (next === undefined) break;
      waitingBytes -= next.bytes.length;
      const { jobId, index, bytes } = next;
      const beganMs = performance.now();
      const thumbhash = await imaging.thumbhash(() => Promise.resolve(bytes));
      if (thumbhash !== null) hashes.push({ jobId, index, thumbhash });
      if (waiting.length > 0) await delay(performance.now() - beganMs);
    }
    return hashes;
  }

  async function work(): Promise<void> {
    while (waiting.length > 0)
      try {
        const hashes = await hashSome();
        if (hashes.length > 0) await keepThumbhashes(db, hashes);
      } catch (err) {
        if (isClosed) break;
        log.warn({ err }, 'images have no ThumbHash yet; they get one with their thumbnails');
      }
    working = null; // at once, so that images offered from now on begin anew
  }

  return {
    offer(jobId, images) {
      for (const [index, { format, bytes }] of images.entries()) {
        const fits = waiting.length < maxWaiting && waitingBytes + bytes.length <= maxWaitingBytes;
        if (isClosed || !fits || !hasThumbnail(format)) continue;
        waiting.push({ jobId, index, bytes });
        waitingBytes += bytes.length;
      }
      if (waiting.length > 0) working ??= work();
    },
    async close() {
      isClosed = true;
      waiting.length = 0;
      waitingBytes = 0;
      await Promise.race([working, delay(closeLimitMs, undefined, { ref: false })]);
    },
  };
}

const closeLimitMs = 1_000;
