/**
 * What `POST /v1/batches/validate` says of a file before anything is spent, and the example file.
 */
import type { BatchValidation } from '@kiln/shared/schemas/batch';
import { beforeAll, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { engineNamed } from '../support.ts';
import { drawMask, drawPicture } from '../../../support/pictures/edit-pictures.ts';
import { send, sendForm, type Part } from './batches-support.ts';

const path = '/v1/batches/validate';
let kiln: TestKiln;
beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
});

async function validate(parts: readonly Part[]): Promise<BatchValidation> {
  const response = await sendForm(kiln, parts, path);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as BatchValidation;
}

test('pictures are matched by name, and names without a partner are listed', async () => {
  const found = await validate([
    ['file', 'prompt,image\nNight,before.png\nDay,after.png\nDusk,nowhere.png\n', 'rows.csv'],
    ['files', await drawPicture('png', { width: 64, height: 48 }), 'before.png'],
    ['files', await drawMask(), 'spare.png'],
  ]);
  expect(found.pictures).toEqual({
    received: 2,
    matched: 1,
    unmatched: ['spare.png'],
    missing: ['after.png', 'nowhere.png'],
  });
  expect(found.sample).toHaveLength(1);
  expect(found.sample[0]?.pictures).toEqual([
    { field: 'images', name: 'before.png', format: 'png', width: 64, height: 48 },
  ]);
});

test('rows that send the same request again are counted with what they cost', async () => {
  const csv = 'custom_id,prompt,sku\na,A boat,1\nb,A tree,2\nc,A boat,3\nd,A boat,4\n';
  const found = (await (await send(kiln, csv, {}, {}, path)).json()) as BatchValidation;
  expect(found).toMatchObject({ valid: 4, accepted: true });
  expect(found.duplicates).toMatchObject({
    count: 2,
    rows: [
      { row: 3, same_as: 1 },
      { row: 4, same_as: 1 },
    ],
  });
  expect(found.duplicates.cost.estimated).toBeCloseTo(found.cost.estimated / 2, 6);
});

test('columns can be mapped to the fields that the answer lists', async () => {
  const csv = 'Text,Note,Shape,Size\nA boat,quick,1024x1024,M\n';
  const columnMap = JSON.stringify({
    Text: 'prompt',
    Shape: 'size',
    Note: null,
    Size: 'metadata',
  });
  const response = await send(kiln, csv, { column_map: columnMap }, {}, path);
  const found = (await response.json()) as BatchValidation;
  expect(found.columns).toEqual([
    { name: 'Text', means: 'prompt' },
    { name: 'Note', means: 'dropped' },
    { name: 'Shape', means: 'size' },
    { name: 'Size', means: null },
  ]);
  expect(found.sample[0]).toMatchObject({
    request: { size: '1024x1024' },
    metadata: { Size: 'M' },
  });
  expect(found.fields).toEqual(
    expect.arrayContaining(['prompt', 'size', 'custom_id', 'image', 'metadata']),
  );
});

test.each([
  [{ Motif: 'prompt' }, 'unknown_column', 'Motif', 'the file has no column "Motif"'],
  [{ Text: 'promt' }, 'invalid_column_map', 'Text', '"promt"; it takes prompt,'],
  [{ Text: 'prompt', Note: 'prompt' }, 'duplicate_header', 'Note', 'have the same meaning, prompt'],
])('column_map %j is refused with %s', async (columnMap, code, column, words) => {
  const found = await validate([
    ['file', 'Text,Note\nA boat,quick\n', 'rows.csv'],
    ['column_map', JSON.stringify(columnMap)],
  ]);
  const problem = found.problems.find((each) => each.code === code);
  expect(problem).toMatchObject({ column, row: null });
  expect(problem?.message).toContain(words);
  expect(found).toMatchObject({ accepted: false });
  // A page offers the columns again.
  expect(found.columns.map(({ name }) => name)).toEqual(['Text', 'Note']);
});

test.each(['', '?bom=1', '?edits=1'])('the example file %s is valid as it is', async (query) => {
  const response = await kiln.request(`/v1/batches/template.csv${query}`);
  expect(response.headers.get('content-disposition')).toContain('template.csv');
  const file = Buffer.from(await response.arrayBuffer());
  expect(file[0] === 0xef).toBe(query === '?bom=1');
  const pictures: Part[] =
    query === '?edits=1'
      ? [
          ['files', await drawPicture('png'), 'boat.png'],
          ['files', await drawPicture('png'), 'harbour.png'],
          ['files', await drawMask(), 'harbour-mask.png'],
        ]
      : [];
  const found = await validate([['file', file, 'template.csv'], ...pictures]);
  expect(found.problems).toEqual([]);
  expect(found).toMatchObject({ rows: 2, valid: 2, accepted: true });
});
