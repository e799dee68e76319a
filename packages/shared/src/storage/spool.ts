/**
 * The spool: where the bytes of an answer are safe the moment they have arrived, on this machine's disk, before the object store or the
 * records have heard of them. One file an attempt, written whole or not at all; a crash after it was written costs no second call.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What is kept of an answer: the facts of the attempt (JSON) and the images, byte for byte. */
export interface SpooledAnswer {
  facts: object;
  images: readonly Uint8Array[];
}

export interface Spool {
  /** Returns once the answer would survive a power cut. */
  keep(attempt: SpooledAttempt, answer: SpooledAnswer): Promise<void>;
  find(attempt: SpooledAttempt): Promise<SpooledAnswer | null>;
  /** The attempt is settled; its answer is in the object store. */
  discard(attempt: SpooledAttempt): Promise<void>;
  list(): Promise<SpooledAttempt[]>;
}

export interface SpooledAttempt {
  jobId: string;
  no: number;
}

const extension = '.answer';
const temporary = '.part';

export async function openSpool(folder: string): Promise<Spool> {
  await mkdir(folder, { recursive: true });
  const pathOf = ({ jobId, no }: SpooledAttempt) => join(folder, `${jobId}-${no}${extension}`);

  return {
    async keep(attempt, { facts, images }) {
      const path = pathOf(attempt);
      const header = Buffer.from(
        `${JSON.stringify({ facts, sizes: images.map((image) => image.length) })}\n`,
      );
      const file = await open(path + temporary, 'w');
      try {
        await file.writev([header, ...images]);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(path + temporary, path);
      await syncFolder(folder);
    },
    async find(attempt) {
      const bytes = await readFile(pathOf(attempt)).catch(nullIfMissing);
      return bytes === null ? null : parseAnswer(bytes);
    },
    async discard(attempt) {
      await rm(pathOf(attempt), { force: true });
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

function parseAnswer(bytes: Buffer): SpooledAnswer {
  const end = bytes.indexOf('\n');
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as { facts: object; sizes: number[] };
  let offset = end + 1;
  const images = header.sizes.map((size) => bytes.subarray(offset, (offset += size)));
  return { facts: header.facts, images };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
