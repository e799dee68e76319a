/** What the suites of batches share: making one of a text, waiting for its state, and reading what comes out. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Batch } from '@kiln/shared/schemas/batch';
import { expect } from 'vitest';
import type { TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';

export const sample = (name: string) => readFile(join(import.meta.dirname, '../../data/csv', name));

/** Sends bytes as they are. @param query options of the batch */
export async function send(
  kiln: TestKiln,
  body: string | Uint8Array<ArrayBuffer>,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
  path = '/v1/batches',
): Promise<Response> {
  return kiln.request(`${path}?${new URLSearchParams(query).toString()}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/csv', ...headers },
  });
}

/** Throws what the API answered unless it made a batch. */
export async function makeBatch(...parameters: Parameters<typeof send>): Promise<Batch> {
  const response = await send(...parameters);
  if (!response.ok) throw new Error(`no batch was made: ${await response.text()}`);
  return (await response.json()) as Batch;
}

export async function readBatch(kiln: TestKiln, id: string): Promise<Batch> {
  return (await (await kiln.request(`/v1/batches/${id}`)).json()) as Batch;
}

export async function act(kiln: TestKiln, id: string, action: string): Promise<Batch> {
  const response = await kiln.request(`/v1/batches/${id}/${action}`, { method: 'POST' });
  if (!response.ok) throw new Error(`${action}: ${await response.text()}`);
  return (await response.json()) as Batch;
}

const ends: readonly Batch['status'][] = ['completed', 'failed', 'expired', 'cancelled'];

/** Waits until the batch is in one of the states (default: any end). */
export function reached(
  kiln: TestKiln,
  id: string,
  statuses: readonly Batch['status'][] = ends,
  timeoutMs = 60_000,
): Promise<Batch> {
  return waitFor(
    async () => ((batch) => statuses.includes(batch.status) && batch)(await readBatch(kiln, id)),
    { timeoutMs, what: `batch ${id} to be ${statuses.join(' or ')}` },
  );
}

export async function readLines<T>(kiln: TestKiln, fileId: string | null): Promise<T[]> {
  if (fileId === null) return [];
  const text = await (await kiln.request(`/v1/files/${fileId}/content`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** A CSV file of so many rows. */
export const rowsOf = (count: number, prompt = (row: number) => `A small boat ${row}`) =>
  `custom_id,prompt\n${Array.from({ length: count }, (_, index) => `id-${index + 1},${prompt(index + 1)}\n`).join('')}`;

/** The files of a ZIP archive that is not compressed, by its central directory. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(zip.length - 22 + 16);
  const count = zip.readUInt16LE(zip.length - 22 + 10);
  for (let index = 0; index < count; index += 1) {
    const [crc, size, nameLength, extra, comment, offset] = [
      zip.readUInt32LE(at + 16),
      zip.readUInt32LE(at + 20),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
      zip.readUInt32LE(at + 42),
    ];
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString();
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    const bytes = zip.subarray(start, start + size);
    expect(crc32(bytes)).toBe(crc);
    files.set(name, bytes);
    at += 46 + nameLength + extra + comment;
  }
  return files;
}
