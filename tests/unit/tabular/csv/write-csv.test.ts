import { unguardCell } from '@kiln/shared/tabular/csv/formula-guard';
import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import { createRecordParser } from '@kiln/shared/tabular/csv/read-records';
import {
  byteOrderMark,
  csvLine,
  failedHeader,
  failedLine,
} from '@kiln/shared/tabular/csv/write-csv';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { bytesOf, readAll, readCsv } from '../table-rig.ts';

vi.setConfig({ testTimeout: 60_000 });

const delimiters = [',', ';', '\t'] as const;
/** Texts that consist mostly of special characters. */
const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(...Array.from('=+-@\t\r\n\'",; \ufeff＝＠a{}')),
    maxLength: 8,
  }),
);

async function parse(content: string, delimiter: string): Promise<string[][]> {
  const parser = createRecordParser({ delimiter, recordBytes: 1_048_576 });
  const batches = [await parser.write(Buffer.from(content)), await parser.end()];
  return batches.flatMap(({ records }) => records.map(({ cells }) => cells));
}

test('every cell is read back unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(...delimiters),
      fc.boolean(),
      async (records, delimiter, bom) => {
        const written =
          (bom ? byteOrderMark : '') +
          records.map((cells) => csvLine(cells, { delimiter })).join('');
        const read = await parse(written, delimiter);
        expect(read.map((cells) => cells.map(unguardCell))).toEqual(records);
      },
    ),
    { numRuns: 500 },
  );
});

test('no cell starts like a formula', () => {
  fc.assert(
    fc.property(cell, (text) => {
      const unquoted = csvLine([text]).replace(/^"/, '');
      expect(unquoted === '\r\n' ? '' : unquoted).not.toMatch(/^[=+\-@＝＋－＠\t\n]|^\r(?!\n$)/u);
    }),
  );
});

describe('the guard', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['-5', "'-5"],
    ['@sum', "'@sum"],
    ["'=1", "''=1"],
    ["''+", "'''+"],
    ["'tis", "'tis"],
    ["'", "'"],
    ['a=1', 'a=1'],
    ['＝１', "'＝１"],
  ])('%j is written as %j', (text, written) => {
    expect(csvLine([text])).toBe(`${written}\r\n`);
    expect(unguardCell(written)).toBe(text);
  });

  test('is removed before a value is used', async () => {
    const { rows } = await readCsv("prompt,'@handle,n\n'- a list,'=x,1\n");
    expect(rows[0]?.request).toEqual({ prompt: '- a list', metadata: { '@handle': '=x' }, n: 1 });
  });
});

describe('failed.csv', () => {
  const content =
    'プロンプト;ID;品質;メモ\n"a ""b""; {{メモ}}";x1;ultra;=1\nc;x2;low;\nA; cat;x3;low;n\nd;x4\n"- ' +
    'e";x5;bad; \'=2 \n';

  async function failedCsv(source: string): Promise<string> {
    const { summary, rows } = await readCsv(source);
    const columns = summary?.columns.map(({ name }) => name) ?? [];
    const lines = rows.flatMap((row) => {
      const [problem] = row.problems;
      return problem ? [failedLine(columns, row.cells, problem, { delimiter: ';' })] : [];
    });
    return `${byteOrderMark}${failedHeader(columns, { delimiter: ';' })}${lines.join('')}`;
  }

  test('has the rows and columns of the caller, and the reason of each failure', async () => {
    expect(await failedCsv(content)).toBe(
      [
        '\ufeffプロンプト;ID;品質;メモ;error_code;error',
        '"a ""b""; {{メモ}}";x1;ultra;\'=1;invalid_value;"品質: received ""ultra""; it takes auto, ' +
          'low, medium, high, xhigh, max"',
        'A;" cat";x3;"low;n";wrong_cell_count;"The row has 5 cells and the header row has 4; ' +
          'put a cell that contains the delimiter in quotation marks"',
        '\'- e;x5;bad;" \'=2 ";invalid_value;"品質: received ""bad""; it takes auto, low, ' +
          'medium, high, xhigh, max"',
        '',
      ].join('\r\n'),
    );
  });

  test('gives the same requests and the same failed.csv when it is uploaded again', async () => {
    const failed = await failedCsv(content);
    const [first, second] = [await readCsv(content), await readCsv(failed)];
    expect(second.summary?.columns.map(({ use }) => use)).toEqual([
      'prompt',
      'custom_id',
      'quality',
      'metadata',
      'dropped',
      'dropped',
    ]);
    for (const id of ['x1', 'x5']) {
      const [was, is] = [first, second].map(({ rows }) =>
        rows.find(({ customId }) => customId === id),
      );
      expect(is?.request).toEqual(was?.request);
    }
    const again = await failedCsv(failed);
    expect(await failedCsv(again)).toBe(again);
    expect(again.split('\r\n')[0]).toBe('\ufeffプロンプト;ID;品質;メモ;error_code;error');
  });

  test('keeps an `error` column of the caller', async () => {
    const { summary, problems } = await readCsv('prompt,error,error_code,error\na,mine,x,y\n');
    expect(problems).toEqual([]);
    expect(summary?.columns.map(({ use }) => use)).toEqual([
      'prompt',
      'metadata',
      'dropped',
      'dropped',
    ]);
  });

  test('keeps every row unchanged', async () => {
    const names = ['prompt', 'custom_id', 'note'];
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(cell, cell, cell),
        fc.constantFrom(...delimiters),
        async (cells, delimiter) => {
          const content = csvLine(names, { delimiter }) + csvLine(cells, { delimiter });
          const first = await readAll(await openCsv(bytesOf(content)));
          const [row] = first.rows;
          if (!row) return;
          expect(row.cells).toEqual(cells);
          const failed =
            failedHeader(names) + failedLine(names, row.cells, { code: 'x', message: '=y' });
          const again = await readAll(await openCsv(bytesOf(failed)));
          expect(again.rows[0]?.request).toEqual(row.request);
          expect(again.rows[0]?.cells.slice(0, 3)).toEqual(cells);
        },
      ),
    );
  });
});
