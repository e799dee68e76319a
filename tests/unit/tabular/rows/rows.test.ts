import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import { describe, expect, test, vi } from 'vitest';
import { brief, bytesOf, csv, readAll, readCsv } from '../table-rig.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('values', () => {
  test('are typed, and surrounding spaces are ignored', async () => {
    const { rows, problems } = await readCsv(
      csv('prompt,n,output_compression,size,quality', ' A boat ,２, 80 , 1024x1024 ,low', 'B,,,,'),
    );
    expect(problems).toEqual([]);
    expect(rows.map(({ request }) => request)).toEqual([
      { prompt: ' A boat ', n: 2, output_compression: 80, size: '1024x1024', quality: 'low' },
      { prompt: 'B' },
    ]);
  });

  test.each(['two', '1.5', '1e1', '0x2', '1,000', '9'.repeat(20)])(
    '%s is no whole number',
    async (text) => {
      const { problems, rows } = await readCsv(csv('prompt,枚数', `a,"${text}"`));
      expect(brief(problems)).toEqual(['1 枚数 invalid_value']);
      expect(problems[0]).toMatchObject({
        value: text,
        message: `枚数: received "${text}"; it takes a whole number`,
      });
      expect(rows[0]?.request).toEqual({ prompt: 'a' });
    },
  );

  test.each(['0', '11', '-1'])('n of %s is out of range', async (text) => {
    expect(brief((await readCsv(csv('prompt,n', `a,${text}`))).problems)).toEqual([
      '1 n invalid_value',
    ]);
  });

  test('all problems of a row are reported', async () => {
    const { problems } = await readCsv(
      csv(
        'prompt,n,品質,background,filename,custom_id',
        ` ,x,ultra,pink,a/b.png,${'x'.repeat(300)}`,
      ),
    );
    expect(brief(problems)).toEqual([
      '1 custom_id invalid_value',
      '1 n invalid_value',
      '1 filename invalid_value',
      '1 prompt missing_required_parameter',
      '1 品質 invalid_value',
      '1 background invalid_value',
    ]);
  });

  test('NUL characters and a prompt that is too long are refused', async () => {
    const { problems } = await readCsv(
      csv('prompt,x', 'a\0b,c', `${'x'.repeat(32_001)},c`, `${'髙'.repeat(32_000)},a\0`),
    );
    expect(brief(problems)).toEqual([
      '1 prompt invalid_value',
      '2 prompt invalid_value',
      '3 x invalid_value',
    ]);
    expect(problems[1]?.message).toBe(
      'prompt: received 32,001 characters; at most 32,000 characters are allowed',
    );
  });

  test('images and masks are references beside the request', async () => {
    const { rows, problems } = await readCsv(
      csv(
        'prompt,image,mask',
        'a,file-1| cat photo.png |,m.png',
        'b,,',
        `c,${'x|'.repeat(17)},`,
        'd,,m.png',
      ),
    );
    expect(rows.map(({ references }) => references).slice(0, 2)).toEqual([
      { images: ['file-1', 'cat photo.png'], mask: 'm.png', markup: null },
      { images: [], mask: null, markup: null },
    ]);
    expect(brief(problems)).toEqual(['3 image invalid_value', '4 mask missing_required_parameter']);
  });

  test.each(['..', '.', 'a/b', 'a\\b', 'a\tb', 'x'.repeat(201)])(
    '%j is no file name',
    async (name) => {
      expect(brief((await readCsv(csv('prompt;filename', `a;"${name}"`))).problems)).toEqual([
        '1 filename invalid_value',
      ]);
    },
  );

  test('a file name is kept', async () => {
    expect((await readCsv(csv('prompt,ファイル名', 'a,春の海 (1).png'))).rows[0]?.filename).toBe(
      '春の海 (1).png',
    );
  });
});

describe('defaults', () => {
  test('fill the fields that a row does not set', async () => {
    const { rows } = await readCsv(csv('prompt,size', 'a,', 'b,auto'), {
      defaults: { size: '1024x1024', quality: 'low', priority: 'bulk' },
    });
    expect(rows.map(({ request }) => request)).toEqual([
      { prompt: 'a', size: '1024x1024', quality: 'low', priority: 'bulk' },
      { prompt: 'b', size: 'auto', quality: 'low', priority: 'bulk' },
    ]);
  });

  test('with a mistake are one problem of the file', async () => {
    const { problems } = await readCsv(csv('prompt', 'a', 'b'), {
      defaults: { n: 'x', colour: 1 },
    });
    expect(problems.map(({ code, message }) => `${code} ${message.slice(10, 19)}`)).toEqual([
      'invalid_defaults n: receiv',
      'invalid_defaults colour: i',
    ]);
  });

  test('are named by a problem of a model rule', async () => {
    const { problems } = await readCsv(csv('prompt,output_compression', 'a,50'), {
      defaults: { output_format: 'png' },
      check: () => [
        { param: 'output_format', message: 'output_format: received "png"; it is wrong' },
      ],
    });
    expect(problems[0]).toMatchObject({
      code: 'unsupported_parameter',
      column: null,
      message: 'output_format (in defaults): received "png"; it is wrong',
    });
  });
});

describe('the structure of a row', () => {
  test('more values than columns are a problem', async () => {
    const { problems, rows } = await readCsv(
      csv('prompt,size,n', 'a', 'A cat, a dog,auto,1', 'b,auto,1'),
    );
    expect(brief(problems)).toEqual(['2 - wrong_cell_count']);
    expect(problems[0]?.message).toBe(
      'The row has 4 cells and the header row has 3; put a cell that contains the delimiter in ' +
        'quotation marks',
    );
    expect(problems[0]?.value).toBe('A cat |  a dog | auto | 1');
    expect(rows[1]?.cells).toEqual(['A cat', ' a dog', 'auto', '1']);
    expect(rows[2]?.status).toBe('valid');
  });

  test('a value without a column name is a problem', async () => {
    expect(brief((await readCsv(csv('prompt,', 'a,', 'b,x'))).problems)).toEqual([
      '2 column 2 unnamed_column',
    ]);
  });

  test('empty lines are not counted as rows, rows of empty cells are', async () => {
    const { rows, problems } = await readCsv('prompt,n\n\na,1\r\n\r\n,\n \u3000,\t\nb,2\n\n');
    expect(problems).toEqual([]);
    expect(rows.map(({ row }) => row)).toEqual([1, 4]);
  });

  test.each(['\n', '\r\n', '\r'])('line ends may be %j', async (end) => {
    expect((await readCsv(['prompt,n', 'a,1', 'b,2'].join(end))).rows).toHaveLength(2);
  });

  test('a cell that is too long is a problem', async () => {
    const { problems } = await readCsv(csv('prompt,x', `a,${'y'.repeat(65_537)}`), {
      columnMap: { x: null },
    });
    expect(brief(problems)).toEqual(['1 x cell_too_long']);
  });

  test('a cell that is too long is its only problem: its value is not looked at', async () => {
    const { problems, rows } = await readCsv(csv('id,prompt,n', `7,${'y'.repeat(65_537)},many`));
    expect(brief(problems)).toEqual(['1 prompt cell_too_long']);
    expect(rows[0]?.customId).toBe('7');
  });

  test('a row and a header row have at most as many cells as a sheet has columns', async () => {
    const row = (cells: number) => `a,1${','.repeat(cells - 2)}`;
    const { problems, rows } = await readCsv(csv('prompt,n', row(16_384), row(16_385)));
    expect(rows.map(({ status }) => status)).toEqual(['valid', 'invalid']);
    expect(brief(problems)).toEqual(['2 - wrong_cell_count']);
    const header = await readCsv(csv(`prompt,n${','.repeat(16_383)}`, 'a,1'));
    expect(brief(header.problems)).toEqual(['- - too_many_columns']);
  });
});

describe('quotation marks', () => {
  test('inside a cell that does not start with one are text', async () => {
    const { rows, problems } = await readCsv(
      csv('prompt,n', 'A 5" nail and a 6" one,1', '"quoted, still",2'),
    );
    expect(problems).toEqual([]);
    expect(rows.map(({ request }) => request.prompt)).toEqual([
      'A 5" nail and a 6" one',
      'quoted, still',
    ]);
  });

  test('that close a cell before its end are a problem of the row that opens it', async () => {
    const { rows, problems } = await readCsv(
      csv(
        'id,prompt',
        '1,"""Fine"" one"',
        '2,"A cat',
        '3,"A dog"',
        '4,"A ""bird"""',
        '5,"x" ',
        '6,ok',
      ),
    );
    expect(brief(problems)).toEqual(['2 prompt stray_quote', '4 prompt stray_quote']);
    expect(problems[0]?.value).toBe('"A cat\n3,"A dog"');
    expect(rows.map(({ row, request }) => [row, request.prompt])).toEqual([
      [1, '"Fine" one'],
      [2, undefined],
      [3, 'A "bird"'],
      [4, undefined],
      [5, 'ok'],
    ]);
  });

  test('that are not closed are a problem of the row that opens them', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `${index},"prompt ${index}"`);
    lines[41_999] = '41999,"never closed';
    for (let index = 42_000; index < lines.length; index += 1) lines[index] = `${index},plain`;
    const { rows, problems } = await readCsv(csv('id,prompt', ...lines));
    expect(rows).toHaveLength(41_999);
    expect(brief(problems)).toEqual(['42000 prompt unterminated_quote']);
  });

  test('that are not closed within the longest record are a problem', async () => {
    const { problems } = await readCsv(
      csv('id,prompt', '1,a', '2,"open', ...Array<string>(100_000).fill('3,plain text')),
    );
    expect(brief(problems)).toEqual(['2 prompt unterminated_quote']);
    expect(problems[0]?.message).toMatch(/not closed within 1,048,576 bytes, over [\d,]+ lines/);
  });

  test('the file may be split at any byte', async () => {
    const content = Buffer.from('\ufeffid,prompt\n1,"a ""b"" c"\n2,5" x\n3,"d"e\n"4","f"\n');
    const whole = await readCsv(content);
    expect(brief(whole.problems)).toEqual(['3 prompt stray_quote']);
    for (let cut = 1; cut < content.length; cut += 1) {
      expect(await readAll(await openCsv(bytesOf(content, [cut])))).toEqual(whole);
    }
    expect(await readAll(await openCsv(bytesOf(content, 1)))).toEqual(whole);
  });
});

describe('limits', () => {
  test('a file with too many rows is not read further', async () => {
    const options = { limits: { rows: 3 } };
    expect((await readCsv(csv('prompt,x', 'a,', ',', 'b,', 'c,'), options)).problems).toEqual([]);
    const { rows, problems } = await readCsv(
      csv('prompt,x', 'a,', ',', 'b,', 'c,', 'd,', 'e,'),
      options,
    );
    expect(rows).toHaveLength(3);
    expect(brief(problems)).toEqual(['5 - too_many_tasks']);
  });

  test.each([
    ['one long cell', 'x'.repeat(2_000_000)],
    ['many empty cells', ','.repeat(2_000_000)],
    ['many short cells', 'x,'.repeat(1_000_000)],
  ])('a record may not have too many bytes: %s', async (_, line) => {
    const { rows, problems } = await readCsv(csv('prompt', 'a', line, 'b'));
    expect(rows).toHaveLength(1);
    expect(problems.map(({ row, code }) => [row, code])).toEqual([[2, 'record_too_long']]);
  });

  test.each(['\n', '\r\n'])('there may not be too many empty lines: %j', async (end) => {
    const { problems } = await readCsv(`prompt\na\n${end.repeat(2_000_000)}b\n`);
    expect(brief(problems)).toEqual(['1 - too_many_blank_rows']);
  });
});

describe('custom ids', () => {
  test('of two rows are a duplicate, also when reading starts after the first', async () => {
    const content = csv('prompt,ID', 'a, x1 ', 'b,', 'c,x2', 'd,x1', 'e,');
    const { problems, rows } = await readCsv(content);
    expect(rows.map(({ customId }) => customId)).toEqual(['x1', null, 'x2', 'x1', null]);
    expect(problems[0]).toMatchObject({
      row: 4,
      column: 'ID',
      message: 'ID: received "x1", which row 1 has already; a custom_id must be unique',
    });
    const resumed = await readCsv(content, {}, 3);
    expect(resumed.rows).toEqual(rows.slice(3));
  });
});

describe('reading from a row on gives the rows after it', () => {
  test.each([0, 1, 2, 3, 4, 9])('%i', async (from) => {
    const content = csv('prompt,n', 'a,1', '"x"y,1', ',', 'b,1');
    const all = await readCsv(content);
    const some = await readCsv(content, {}, from);
    expect(some.rows).toEqual(all.rows.filter(({ row }) => row > from));
  });
});
