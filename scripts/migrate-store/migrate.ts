/**
 * Copies a store object by object. A run may stop anywhere: the next one skips finished copies, and
 * every copy is compared right after it was made.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { inParallel } from '@kiln/shared/services/in-parallel';
import {
  parseObjectKey,
  type ListedObject,
  type ObjectStore,
} from '@kiln/shared/storage/object-store';

export interface Migration {
  copied: number;
  copiedBytes: number;
  /** Objects that the second store had already; compared as requested. */
  there: number;
  /** A sentence for each object that differs. */
  differences: string[];
  /** Keys that Kiln cannot have made. */
  foreign: string[];
}

const pageSize = 500;
const concurrency = 6;

export async function migrate(
  from: ObjectStore,
  to: ObjectStore,
  compare: 'size' | 'bytes',
  say: (line: string) => void,
): Promise<Migration> {
  const report: Migration = { copied: 0, copiedBytes: 0, there: 0, differences: [], foreign: [] };

  async function move({ key, size }: ListedObject): Promise<void> {
    if (!isKey(key)) return void report.foreign.push(key);
    const found = await to.head(key);
    if (found === null) return copy(key);
    report.there += 1;
    if (found.size !== size)
      differ(key, `has ${size} bytes in the first store and ${found.size} in the second`);
    else if (compare === 'bytes' && (await hashIn(from, key)) !== (await hashIn(to, key)))
      differ(key, 'has other bytes in the second store');
  }

  async function copy(key: string): Promise<void> {
    const [described, source] = [await from.head(key), await from.get(key)];
    if (source === null) return; // deleted after the listing
    const contentType = described?.contentType ?? typeByName(key);
    const { bytes, sha256 } = await to.put(key, source.stream, { contentType });
    const isSame = bytes === source.size && (await hashIn(to, key)) === sha256;
    if (!isSame) differ(key, 'was copied, but reads back with other bytes');
    else {
      report.copied += 1;
      report.copiedBytes += bytes;
    }
  }

  function differ(key: string, how: string): void {
    report.differences.push(`${key} ${how}`);
  }

  for (let after = ''; ;) {
    const page = await from.list('', { after, limit: pageSize });
    await inParallel(page, concurrency, move);
    if (page.length < pageSize) return report;
    after = page.at(-1)?.key ?? '';
    say(
      `${report.copied} copied, ${report.there} existed already, ${report.differences.length} ` +
        `differ; so far up to ${after}`,
    );
  }
}

async function hashIn(store: ObjectStore, key: string): Promise<string | null> {
  const found = await store.get(key);
  return found && hashOf(found.stream);
}

async function hashOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function isKey(key: string): boolean {
  try {
    parseObjectKey(key);
    return true;
  } catch {
    return false;
  }
}

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  svg: 'image/svg+xml',
};

/**
 * Files on a disk have no content type, so it is guessed by the name; downloads use the recorded
 * type.
 */
function typeByName(key: string): string {
  return types[/\.([a-z]+)$/.exec(key)?.[1] ?? ''] ?? 'application/octet-stream';
}
