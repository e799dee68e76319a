/** Items that are written together: which share a statement, and what one can do to the others. */
import { groupWrites } from '@kiln/shared/records/database/group-writes';
import { expect, test } from 'vitest';

/** A database whose statements end when the test says so. */
function openDatabase() {
  const statements: { items: string[]; end: (error?: Error) => void }[] = [];
  let arrived: (() => void) | null = null;
  const write = groupWrites({
    keyOf: (item: string) => item.split(' ')[0] ?? '',
    write: (items: readonly string[]) =>
      new Promise<string[]>((resolve, reject) => {
        statements.push({
          items: [...items],
          end: (error) => (error ? reject(error) : resolve(items.map((item) => `${item}!`))),
        });
        arrived?.();
      }),
  });
  return {
    write,
    statements,
    /** Resolves to the statement of this number when it has begun. */
    async statement(no: number) {
      while (statements.length < no)
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      return statements[no - 1]!;
    },
  };
}

const refused = Object.assign(new Error('refused'), { code: '23514' });
const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });

test('an item alone is written at once, and those that come meanwhile go together', async () => {
  const { write, statements, statement } = openDatabase();
  const written = ['a', 'b', 'c', 'd'].map((item) => write(item));
  expect(statements.map(({ items }) => items)).toEqual([['a']]);
  (await statement(1)).end();
  const second = await statement(2);
  expect(second.items).toEqual(['b', 'c', 'd']);
  second.end();
  expect(await Promise.all(written)).toEqual(['a!', 'b!', 'c!', 'd!']);
});

test('items are sorted by their keys, and those of one key never share a statement', async () => {
  const { write, statement } = openDatabase();
  const written = ['x', 'b 1', 'a', 'b 2'].map((item) => write(item));
  (await statement(1)).end();
  const second = await statement(2);
  expect(second.items).toEqual(['a', 'b 1']);
  second.end();
  const third = await statement(3);
  expect(third.items).toEqual(['b 2']);
  third.end();
  expect(await Promise.all(written)).toEqual(['x!', 'b 1!', 'a!', 'b 2!']);
});

test('an item that the database refuses fails alone', async () => {
  const { write, statement } = openDatabase();
  const written = ['x', 'a', 'b', 'bad', 'c', 'd'].map((item) => write(item));
  const settled = Promise.allSettled(written);
  for (let no = 1; no <= 6; no++) {
    const { items, end } = await statement(no);
    end(items.includes('bad') ? refused : undefined);
  }
  const others: object[] = ['x!', 'a!', 'b!', 'c!', 'd!'].map((value) => ({
    status: 'fulfilled',
    value,
  }));
  expect(await settled).toEqual(others.toSpliced(3, 0, { status: 'rejected', reason: refused }));
});

test('while the database is away, all items that wait get its error', async () => {
  const { write, statement } = openDatabase();
  const settled = Promise.allSettled(['a', 'b', 'c'].map((item) => write(item)));
  (await statement(1)).end(away);
  for (const each of await settled) expect(each).toEqual({ status: 'rejected', reason: away });
  const later = write('d');
  (await statement(2)).end();
  expect(await later).toBe('d!');
});

test('a statement that does not end holds up only its own items', async () => {
  const { write, statement } = openDatabase();
  const stuck = write('stuck');
  const others = ['a', 'b'].map((item) => write(item));
  const second = await statement(2);
  expect(second.items).toEqual(['a', 'b']);
  second.end();
  expect(await Promise.all(others)).toEqual(['a!', 'b!']);
  (await statement(1)).end();
  expect(await stuck).toBe('stuck!');
});
