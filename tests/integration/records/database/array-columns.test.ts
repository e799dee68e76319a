/**
 * Array columns as PostgreSQL reads them: every value arrives unchanged, however long, also on the
 * next page.
 */
import {
  createJsonColumn,
  createNumberColumn,
  createTextColumn,
  type ArrayColumn,
} from '@kiln/shared/records/database/array-columns';
import { expect, test } from 'vitest';
import { openTestRecords } from '../support.ts';

const { pool } = await openTestRecords();

async function received<Value>(
  column: ArrayColumn<Value>,
  type: string,
  values: readonly (Value | null)[],
) {
  column.clear();
  for (const value of values) column.add(value);
  const { rows } = await pool.query<{ value: Value | null }>(
    `select value from unnest($1::${type}) as value`,
    [column.end()],
  );
  return rows.map(({ value }) => value);
}

test('texts with any characters arrive unchanged', async () => {
  const column = createTextColumn();
  const texts = ['', 'plain', null, 'é 日本語 🎨', '{"a","b"} \\ \n', 'null'];
  expect(await received(column, 'text[]', texts)).toEqual(texts);
  const long = ['語'.repeat(1_000_000), 'x', '🎨'.repeat(500_000)];
  expect(await received(column, 'text[]', long)).toEqual(long);
  expect(await received(column, 'text[]', ['again'])).toEqual(['again']);
});

test('20,000 values, a whole page, arrive unchanged', async () => {
  const texts = Array.from({ length: 20_000 }, (_, index) =>
    index % 3 === 0 ? null : `row ${index}`,
  );
  expect(await received(createTextColumn(), 'text[]', texts)).toEqual(texts);
});

test('whole numbers arrive unchanged', async () => {
  const numbers = [
    0,
    1,
    -1,
    null,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32 - 1,
    2 ** 40 + 7,
    Number.MAX_SAFE_INTEGER,
  ];
  expect(await received(createNumberColumn(), 'bigint[]', numbers)).toEqual(numbers);
});

test('JSON arrives unchanged', async () => {
  const values = [{ prompt: 'Ein "Löwe" 🦁' }, { list: [1, null] }, 'text', {}];
  const column = createJsonColumn();
  for (const value of [...values.map((each) => JSON.stringify(each)), null]) column.add(value);
  const { rows } = await pool.query<{ value: unknown }>(
    'select value from unnest($1::jsonb[]) as value',
    [column.end()],
  );
  expect(rows.map(({ value }) => value)).toEqual([...values, null]);
});

test('a column without a value is filled with nulls', async () => {
  const [texts, numbers] = [createTextColumn(), createNumberColumn()];
  for (const value of [1, 2]) {
    texts.add(null);
    numbers.add(value);
  }
  const { rows } = await pool.query(
    'select * from unnest($1::text[], $2::bigint[]) as row(text, number)',
    [texts.end(), numbers.end()],
  );
  expect(rows).toEqual([
    { text: null, number: 1 },
    { text: null, number: 2 },
  ]);
});
