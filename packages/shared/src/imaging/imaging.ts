/**
 * Checks untrusted pictures, turns masks, and makes thumbnails, ThumbHashes and composites in a
 * thread, off the event loop: one task at a time, with limits on time and memory. The thread starts
 * with the first picture. A picture that crashes or hangs the decoder is refused, and the next one
 * gets a new thread. Used by uploads, edits and what is derived from results. ThumbHashes and
 * composites, which no request waits for, go after everything else.
 */
import { withDeadline } from '../deadline.ts';
import { KilnError } from '../errors.ts';
import { findMaskProblem, refuse, type Refusal } from '../models/picture-rules.ts';
import type { Logger } from '../logger.ts';
import type { Picture } from '../schemas/picture.ts';
import type { PictureCheck } from './check-picture.ts';
import type { ImagingTask, ImagingTasks } from './imaging-thread.ts';
import type { Composite } from './make-composite.ts';
import type { Thumbnail } from './make-thumbnail.ts';
import type { TurnedPicture } from './turn-picture.ts';
import { createThreadPool, type TaskRank } from './thread-pool.ts';

/**
 * The bytes of a picture, or a function that fetches them when the thread is free, so that waiting
 * pictures are not in memory. Its errors are rethrown. Its signal aborts when it takes too long,
 * since all other pictures wait for it.
 */
export type PictureSource = Uint8Array | ((signal: AbortSignal) => Promise<Uint8Array>);

export type MaskCheck = { status: 'ok'; picture: Picture } | Refusal;

/**
 * Every method throws `imaging_busy` when too many pictures wait, when the bytes do not arrive in
 * time, or when the machine has too little processor time for the picture.
 */
export interface Imaging {
  /** Checks by its bytes alone whether a picture may be a source of an edit. */
  checkSource(source: PictureSource): Promise<PictureCheck>;
  /**
   * Also checks whether it may be the mask.
   * @param first the first source
   */
  checkMask(
    source: PictureSource,
    first: Pick<Picture, 'width' | 'height' | 'orientation'>,
  ): Promise<MaskCheck>;
  /** Turns a mask like a photograph of this EXIF orientation, and writes it as a png. */
  turn(source: PictureSource, orientation: number): Promise<TurnedPicture>;
  thumbnail(source: PictureSource): Promise<Thumbnail>;
  /** Base64; null: the picture cannot be decoded. */
  thumbhash(source: PictureSource): Promise<string | null>;
  /**
   * Lays the original back outside the mask. Throws when that takes too long or ends the thread.
   */
  composite(sources: CompositeSources): Promise<Composite>;
  close(): Promise<void>;
}

export interface CompositeSources {
  result: PictureSource;
  original: PictureSource;
  mask: PictureSource;
  /** The EXIF orientation by which the mask is turned first; 1: not at all. */
  maskOrientation: number;
}

/** Tests set other threads and shorter limits. */
export interface ImagingOptions {
  log: Logger;
  entry?: URL;
  taskLimitMs?: number;
  wallLimitMs?: number;
  fetchLimitMs?: number;
  idleMs?: number;
  maxQueue?: number;
}

const defaults = {
  entry: new URL('./imaging-thread.ts', import.meta.url),
  /** Processor time. The slowest picture within the size limits takes a few seconds. */
  taskLimitMs: 20_000,
  /** Real time: a picture gets through on a machine that gives it a tenth of a core. */
  wallLimitMs: 60_000,
  /** A silent store fails sooner by itself; at 1.7 MB/s the largest picture arrives in time. */
  fetchLimitMs: 30_000,
  idleMs: 60_000,
  maxQueue: 200,
};
/** The decoder's share of the real time, so that it stops before the thread is ended. */
const decoderShare = 0.75;

export function createImaging({ log, ...options }: ImagingOptions): Imaging {
  const settings = { ...defaults, ...options };
  const pool = createThreadPool({ ...settings, threads: 1 });

  async function run<Kind extends keyof ImagingTasks>(
    kind: Kind,
    sources: readonly PictureSource[],
    { orientation = 1, rank = 'waited_for' }: { orientation?: number; rank?: TaskRank } = {},
  ): Promise<ImagingTasks[Kind] | Refusal<'image_check_failed'>> {
    const timeoutSeconds = Math.max(1, Math.floor((settings.wallLimitMs / 1_000) * decoderShare));
    const outcome = await pool.run(async () => {
      const pictures = await Promise.all(
        sources.map(async (source) =>
          typeof source === 'function'
            ? ownBytes(await fetchInTime(source, settings.fetchLimitMs))
            : Uint8Array.from(source),
        ),
      );
      return {
        message: { kind, pictures, timeoutSeconds, orientation } satisfies ImagingTask,
        transfer: pictures.map(({ buffer }) => buffer),
      };
    }, rank);
    switch (outcome.status) {
      case 'answered':
        return outcome.answer as ImagingTasks[Kind];
      case 'busy':
        throw busy('too many pictures wait to be checked; send it again later');
      case 'starved':
        log.warn(
          { kind, limitMs: settings.wallLimitMs },
          'the machine had too little processor time for a picture; it is not refused',
        );
        throw busy('the server had too little processor time for it; send it again later');
      case 'timed_out':
        log.warn(
          { kind, limitMs: settings.taskLimitMs },
          'a picture took too long; its thread was ended',
        );
        return refuse(
          'image_check_failed',
          `took more than ${settings.taskLimitMs / 1_000} s of processor time to decode; save it ` +
            'again in a simpler form',
        );
      case 'crashed':
        log.error({ kind, err: outcome.error }, 'a picture crashed the thread that checked it');
        return refuse('image_check_failed', 'cannot be decoded; save it again in another form');
    }
  }

  return {
    checkSource: (source) => run('check', [source]),
    async checkMask(source, first) {
      let bytes = 0;
      const measured: PictureSource = async (signal) => {
        const read = typeof source === 'function' ? await source(signal) : Uint8Array.from(source);
        bytes = read.byteLength;
        return read;
      };
      const check = await run('check', [measured]);
      if (check.status === 'refused') return check;
      return findMaskProblem({ ...check.picture, bytes }, first) ?? check;
    },
    turn: (source, orientation) => run('turn', [source], { orientation }),
    thumbnail: (source) => run('thumbnail', [source]),
    async thumbhash(source) {
      const made = await run('thumbhash', [source], { rank: 'background' });
      return typeof made === 'string' ? made : null;
    },
    async composite({ result, original, mask, maskOrientation: orientation }) {
      const sources = [result, original, mask];
      const made = await run('composite', sources, { orientation, rank: 'background' });
      // A busy machine may be the cause.
      if (made.status === 'refused') throw new Error(`a composite ${made.message}`);
      return made;
    },
    close: () => pool.close(),
  };
}

async function fetchInTime(
  fetchBytes: (signal: AbortSignal) => Promise<Uint8Array>,
  limitMs: number,
): Promise<Uint8Array> {
  const outcome = await withDeadline(limitMs, fetchBytes);
  if (outcome.status === 'late')
    throw busy(`the picture could not be read within ${limitMs / 1_000} s; send it again later`);
  return outcome.value;
}

function busy(message: string): KilnError {
  return new KilnError('imaging_busy', message, { retryAfterMs: 1_000 });
}

/**
 * Bytes that can be transferred to the thread. A small Buffer shares its memory with others and is
 * copied.
 */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : Uint8Array.from(bytes);
}
