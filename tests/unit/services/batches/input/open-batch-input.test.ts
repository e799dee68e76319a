/** A file is judged by the limits of its validation: what was accepted is read to its end later. */
import { Readable } from 'node:stream';
import { openBatchInput } from '@kiln/shared/services/batches/input/open-batch-input';
import type { InputDeps } from '@kiln/shared/services/batches/input/open-input';
import { expect, test } from 'vitest';

const files = {
  'batch.csv': 'custom_id,prompt\na,A cup\nb,A pot\nc,A jar\n',
  'batch.jsonl': ['a', 'b', 'c']
    .map((id) =>
      JSON.stringify({
        custom_id: id,
        method: 'POST',
        url: '/v1/images/generations',
        body: { prompt: 'A cup' },
      }),
    )
    .join('\n'),
};

type Filename = keyof typeof files;
type Batch = Parameters<typeof openBatchInput>[1];

async function statusesOf(filename: Filename, batch: Pick<Batch, 'status' | 'reading'>) {
  const get = async () => ({ stream: Readable.from([Buffer.from(files[filename])]) });
  const deps = { config: { maxBatchRows: 2 }, store: { get } } as unknown as InputDeps;
  const table = await openBatchInput(
    deps,
    { ...batch, options: {} as Batch['options'], endpoint: '/v1/images/generations', errors: null },
    { object_key: 'files/1', filename },
  );
  if (table.status === 'refused') throw new Error('the file was refused');
  return (await Array.fromAsync(table.rows())).map(({ status }) => status);
}

const reading: Batch['reading'] = { format: 'csv', encoding: 'utf-8', delimiter: ',', columns: [] };

test.each<Filename>(['batch.csv', 'batch.jsonl'])(
  'a lower limit of rows does not cut %s, which was accepted before',
  async (filename) => {
    const accepted = { status: 'in_progress', reading } as const;
    expect(await statusesOf(filename, accepted)).toEqual(['valid', 'valid', 'valid']);
  },
);

test.each<Filename>(['batch.csv', 'batch.jsonl'])(
  '%s of too many rows is refused by its validation',
  async (filename) => {
    const validating = { status: 'validating', reading: null } as const;
    expect(await statusesOf(filename, validating)).toEqual(['valid', 'valid', 'unreadable']);
  },
);
