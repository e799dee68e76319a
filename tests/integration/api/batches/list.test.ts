/** `GET /v1/batches` by status, and by text of the id or of the file's name. */
import type { Batch } from '@kiln/shared/schemas/batch';
import { expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { engineNamed, readError } from '../support.ts';
import { act, makeBatch, rowsOf, sendForm } from './batches-support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });

async function find(query: Record<string, string>): Promise<string[]> {
  const response = await kiln.request(`/v1/batches?${new URLSearchParams(query).toString()}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: Batch[] }).data.map(({ id }) => id);
}

test('batches are found by their id, by the name of their file, and by their status', async () => {
  const { id: plain } = await makeBatch(kiln, rowsOf(1));
  const { id: filed } = (await (
    await sendForm(kiln, [['file', rowsOf(1), 'Harvest 100%.csv']])
  ).json()) as Batch;
  expect(await find({})).toEqual([filed, plain]);
  expect(await find({ q: 'HARVEST 100%' })).toEqual([filed]);
  expect(await find({ q: plain.slice(6) })).toEqual([plain]);
  // The characters of patterns have no meaning of their own.
  expect(await find({ q: 'harvest_100' })).toEqual([]);
  await act(kiln, filed, 'cancel');
  expect(await find({ status: 'validating' })).toEqual([plain]);
  expect(await find({ q: 'harvest', status: 'validating' })).toEqual([]);
  expect(await find({ q: 'harvest', status: 'cancelling' })).toEqual([filed]);
  for (const query of ['status=done', 'q=', `q=${'x'.repeat(201)}`])
    expect((await readError(await kiln.request(`/v1/batches?${query}`))).status).toBe(400);
});
