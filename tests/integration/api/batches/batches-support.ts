/** Shared by the tests of batches: makes batches of texts, and waits for their states. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from '@kiln/shared/schemas/batch';
import type { TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';

export const sample = (name: string) =>
  readFile(join(import.meta.dirname, '../../../data/csv', name));

/** Sends bytes as the body. @param query options of the batch */
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

export type Part = [name: string, content: string | Buffer, filename?: string];

/** Sends a form. Parts with a file name are files. */
export function sendForm(
  kiln: TestKiln,
  parts: readonly Part[],
  path = '/v1/batches',
): Promise<Response> {
  const form = new FormData();
  for (const [name, content, filename] of parts) {
    if (filename === undefined) form.append(name, String(content));
    else form.append(name, new Blob([new Uint8Array(Buffer.from(content))]), filename);
  }
  return kiln.request(path, { method: 'POST', body: form });
}

/** Throws with the answer of the API if no batch was made. */
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

/** Waits until the batch is in one of the states (default: it has ended). */
export function reached(
  kiln: TestKiln,
  id: string,
  statuses: readonly Batch['status'][] = ends,
): Promise<Batch> {
  return waitFor(
    async () => ((batch) => statuses.includes(batch.status) && batch)(await readBatch(kiln, id)),
    { what: `batch ${id} to be ${statuses.join(' or ')}` },
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

/** A CSV file with the given number of rows. */
export const rowsOf = (count: number, prompt = (row: number) => `A small boat ${row}`) => {
  const rows = Array.from(
    { length: count },
    (_, index) => `id-${index + 1},${prompt(index + 1)}\n`,
  );
  return `custom_id,prompt\n${rows.join('')}`;
};
