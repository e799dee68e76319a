/**
 * The spool keeps the bytes of an answer on this machine's disk as soon as they have arrived,
 * before the object store and the records know of them. An attempt has one file, written completely
 * or not at all, so a crash afterwards needs no second call. The spool does not survive the loss of
 * the disk and is not shared between machines. Used by `services/running` and
 * `services/maintenance`.
 */
import { createHash } from 'node:crypto';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logger.ts';
import { nullIfMissing, removeFile, syncFolder } from '../filesystem/durable-files.ts';

/** A spooled answer: the facts of the attempt (JSON) and its images, byte for byte. */
export interface SpooledAnswer {
  facts: object;
  images: readonly SpooledImage[];
}

export interface SpooledImage {
  bytes: Uint8Array;
  sha256: string;
}

export interface Spool {
  /**
   * Resolves once the answer would survive a crash of this process; `synced` resolves once it would
   * also survive a power cut.
   */
  keep(attempt: SpooledAttempt, answer: SpooledAnswer): Promise<{ synced: Promise<void> }>;
  find(attempt: SpooledAttempt): Promise<SpooledAnswer | null>;
  /** Removes the answer of a settled attempt; the object store has it. */
  discard(attempt: SpooledAttempt): Promise<void>;
  list(): Promise<SpooledAttempt[]>;
  /**
   * Whether an answer could be kept now. No call may be made (and paid) whose answer could not be
   * kept.
   */
  hasSpace(): Promise<boolean>;
}

export interface SpooledAttempt {
  jobId: string;
  no: number;
}

const extension = '.answer';
const temporary = '.part';
const broken = '.broken';
/** A write takes seconds; older files were left by a dead process. */
const leftoverMs = 3_600_000;
/** Free space for the largest answers of many concurrent calls; below it no call is made. */
const neededBytes = 256 * 1024 * 1024;
/** The check may be this old: the answer that needs the space arrives seconds later anyway. */
const checkFreshMs = 500;

export async function openSpool(folder: string, log: Logger): Promise<Spool> {
  await mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  const pathOf = ({ jobId, no }: SpooledAttempt) => join(folder, `${jobId}-${no}${extension}`);
  let checkedAtMs = Number.NEGATIVE_INFINITY;
  let space = Promise.resolve(false);

  return {
    async keep(attempt, { facts, images }) {
      const path = pathOf(attempt);
      const header: Header = {
        facts,
        sizes: images.map(({ bytes }) => bytes.length),
        sha256: images.map(({ sha256 }) => sha256),
      };
      const file = await open(path + temporary, 'w');
      try {
        // Do not use `writev`: on a full disk it writes less than it was given, without an error.
        for (const part of [
          Buffer.from(`${JSON.stringify(header)}\n`),
          ...images.map(({ bytes }) => bytes),
        ])
          await file.appendFile(part);
        await rename(path + temporary, path);
      } catch (error) {
        await file.close();
        throw error;
      }
      const synced = sync(file, folder);
      synced.catch(() => undefined); // callers that await it get the error
      return { synced };
    },
    async find(attempt) {
      const path = pathOf(attempt);
      const bytes = await readFile(path).catch(nullIfMissing);
      if (bytes === null) return null;
      const answer = parseAnswer(bytes);
      // A file that the disk damaged is no answer; it is kept aside for inspection.
      if (answer === null) {
        log.error(
          { jobId: attempt.jobId, attempt: attempt.no },
          'a spooled answer is damaged and was set aside',
        );
        await rename(path, path + broken);
      }
      return answer;
    },
    async discard(attempt) {
      await removeFile(pathOf(attempt));
    },
    hasSpace() {
      if (performance.now() - checkedAtMs > checkFreshMs) {
        checkedAtMs = performance.now();
        space = checkSpace(folder);
      }
      return space;
    },
    async list() {
      const names = await readdir(folder);
      return names.flatMap((name) => {
        const match = /^(.+)-(\d+)\.answer$/.exec(name);
        return match?.[1] === undefined ? [] : [{ jobId: match[1], no: Number(match[2]) }];
      });
    },
  };
}

/**
 * Syncs the bytes, then the folder. If a power cut leaves the name without all bytes, their hash
 * does not match.
 */
async function sync(file: FileHandle, folder: string): Promise<void> {
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
}

async function checkSpace(folder: string): Promise<boolean> {
  const disk = await statfs(folder).catch(() => null); // a disk that does not respond has no space
  return disk !== null && disk.bavail * disk.bsize >= neededBytes;
}

function parseAnswer(bytes: Buffer): SpooledAnswer | null {
  const end = bytes.indexOf('\n');
  const header = parseHeader(bytes.toString('utf8', 0, Math.max(0, end)));
  if (header === null || end + 1 + sum(header.sizes) !== bytes.length) return null;
  let offset = end + 1;
  const images = header.sizes.map((size) => {
    const image = bytes.subarray(offset, (offset += size));
    return { bytes: image, sha256: createHash('sha256').update(image).digest('hex') };
  });
  const isWhole = images.every(
    ({ sha256 }, index) => sha256 === (header.sha256?.[index] ?? sha256),
  );
  return isWhole ? { facts: header.facts, images } : null;
}

/** The first line of a file; the image bytes follow. */
interface Header {
  facts: object;
  sizes: number[];
  /** Missing in files that an earlier release wrote. */
  sha256?: string[];
}

function parseHeader(text: string): Header | null {
  try {
    return JSON.parse(text) as Header;
  } catch {
    return null; // the caller sets the file aside
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(temporary)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(nullIfMissing);
    if (found !== null && Date.now() - found.mtimeMs > leftoverMs) await rm(path, { force: true });
  }
}
