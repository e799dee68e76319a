/**
 * Files that people sent: what a spreadsheet adds is forgiven with a note, and a mistake is a
 * problem at its row, or one problem of the whole file.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTable } from '@kiln/shared/tabular/open-table';
import { describe, expect, test } from 'vitest';
import { brief, bytesOf, csv, readAll, readCsv, readJsonl } from './table-rig.ts';

const folder = join(import.meta.dirname, '..', '..', 'data', 'reports');
const endpoint = '/v1/images/generations';

async function readReport(name: string, content: string | Uint8Array = file(name)) {
  const table = await openTable(bytesOf(content), name, { endpoint });
  const read = await readAll(table);
  return {
    ...read,
    notes: table.status === 'opened' ? table.notes.list() : [],
    messages: read.problems.map(({ message }) => message),
  };
}

function file(name: string): Uint8Array {
  return readFileSync(join(folder, name));
}

describe('dirt is forgiven and noted', () => {
  test.each([
    ['b1-sep-line.csv', [['1', { prompt: 'A boat' }]], ['separator_line']],
    [
      'b2-short-rows.csv',
      [
        ['1', { prompt: 'A boat' }],
        ['2', { prompt: 'A barn', size: '1024x1024' }],
      ],
      ['missing_cells'],
    ],
    [
      'b3-extra-empty-cells.csv',
      [
        ['1', { prompt: 'A boat' }],
        ['2', { prompt: 'A barn' }],
      ],
      ['extra_empty_cells'],
    ],
    ['b4-first-row-commas.csv', [['1', { prompt: 'A boat' }]], ['empty_rows_before_header']],
    ['b5-99-empty-columns.csv', [['1', { prompt: 'A boat' }]], ['unnamed_columns']],
    ['b6-zwsp-header.csv', [['1', { prompt: 'A boat' }]], ['invisible_characters']],
    ['b7-pandas-index.csv', [['1', { prompt: 'A boat' }]], ['index_column']],
    [
      'b8-whole-float.csv',
      [
        ['1', { prompt: 'A boat', n: 2 }],
        ['2', { prompt: 'A barn' }],
      ],
      ['spelling'],
    ],
    [
      'b10-space-before-quote.csv',
      [
        ['1', { prompt: 'A boat, with a sail' }],
        ['2', { prompt: 'A barn' }],
      ],
      ['space_before_quote'],
    ],
    ['b11-ctrl-z.csv', [['1', { prompt: 'A boat' }]], ['end_of_file_mark']],
    [
      'b12-size-times.csv',
      [
        ['1', { prompt: 'A boat', size: '1024x1024' }],
        ['2', { prompt: 'A barn', size: '1024x1024' }],
        ['3', { prompt: 'A hill', size: '1024x1024' }],
      ],
      ['spelling'],
    ],
  ])('%s', async (name, expected, codes) => {
    const { rows, problems, notes } = await readReport(name);
    expect(problems).toEqual([]);
    expect(rows.map(({ customId, request }) => [customId, request])).toEqual(expected);
    expect(notes.map(({ code }) => code)).toEqual(codes);
  });

  test('the note has the first row, the column, and the number of cases', async () => {
    const { notes } = await readReport('b12-size-times.csv');
    expect(notes).toEqual([
      {
        code: 'spelling',
        row: 1,
        column: 'size',
        count: 3,
        message: 'size: "1024×1024" was read as "1024x1024"',
      },
    ]);
  });

  test('a clean file has no notes', async () => {
    expect(
      (await readReport('a.csv', csv('custom_id,prompt,n', '1,"A boat, red",2'))).notes,
    ).toEqual([]);
  });
});

describe('a mistake is a problem', () => {
  test('b9-concatenated.csv: the second header row is not sent as a prompt', async () => {
    const { rows, problems } = await readReport('b9-concatenated.csv');
    expect(brief(problems)).toEqual(['2 - repeated_header']);
    expect(rows.map(({ row, status }) => [row, status])).toEqual([
      [1, 'valid'],
      [2, 'invalid'],
      [3, 'valid'],
    ]);
  });

  test.each([
    ['c2-pretty.jsonl', 'jq -c . pretty.json > batch.jsonl'],
    ['c3-array.jsonl', "jq -c '.[]' array.json > batch.jsonl"],
  ])('%s is one problem, which says what to do', async (name, hint) => {
    const { status, problems, messages } = await readReport(name);
    expect(status).toBe('refused');
    expect(brief(problems)).toEqual(['- - unsupported_file']);
    expect(messages[0]).toContain(hint);
  });

  test('d1-names.csv: long names are accepted, and the archive cuts them', async () => {
    const { rows, problems } = await readReport('d1-names.csv');
    expect(problems).toEqual([]);
    expect(rows[1]?.filename).toMatch(/^名{80,}/);
  });

  test('d3-row.csv: the name of its picture is read', async () => {
    const { rows } = await readReport('d3-row.csv');
    expect(rows[0]?.references.images).toEqual(['小船.png']);
  });
});

describe('a separator line', () => {
  test.each([
    ['sep=,\ncustom_id,prompt\n1,A boat\n', ','],
    ['sep=\t\r\nprompt\tid\r\nA boat\t1\r\n', '\t'],
    ['"sep=;"\nid;prompt\n1;A boat\n', ';'],
    ['SEP=;;\nid;prompt\n1;A boat\n', ';'],
    ['sep=|\nid;prompt\n1;A boat\n', ';'],
    ['\ufeffsep=;\n\n;\nid;prompt, long\n1;A boat\n', ';'],
  ])('%j', async (content, delimiter) => {
    const { summary, rows, notes } = await readReport('a.csv', content.replace(', long', ''));
    expect(summary).toMatchObject({ delimiter });
    expect(rows).toMatchObject([{ row: 1, customId: '1', request: { prompt: 'A boat' } }]);
    expect(notes[0]?.code).toBe('separator_line');
  });

  test('does not go before the delimiter that the caller names', async () => {
    const { summary, rows } = await readCsv('sep=;\nprompt,size\na;b,auto\n', { delimiter: ',' });
    expect(summary?.delimiter).toBe(',');
    expect(rows[0]?.request.prompt).toBe('a;b');
  });
});

describe('rows before the header row', () => {
  test.each(['\n\n', ',,\n', ' , \n\u3000,\n'])('%j', async (before) => {
    const { rows, problems } = await readCsv(`${before}prompt,n\nA boat,1\n,\nA barn,2\n`);
    expect(problems).toEqual([]);
    expect(rows.map(({ row }) => row)).toEqual([1, 3]);
    const { rows: later } = await readCsv(`${before}prompt,n\nA boat,1\n,\nA barn,2\n`, {}, 2);
    expect(later.map(({ row }) => row)).toEqual([3]);
  });
});

describe('cells', () => {
  test.each([['1,1024x1024'], ['1,1024×1024'], ['1,high'], ['1, png ']])(
    'a short row whose prompt belongs to another column is a problem: %s',
    async (row) => {
      const header = 'custom_id,prompt,size,quality,output_format';
      expect(brief((await readCsv(csv(header, row))).problems)).toEqual(['1 - wrong_cell_count']);
    },
  );

  test('the row of failed.csv is as wide as the header row', async () => {
    const { rows } = await readCsv(csv('id,prompt,size,,', '1,A boat', '2,A barn,auto,,,,'));
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['1', 'A boat', ''],
      ['2', 'A barn', 'auto'],
    ]);
  });

  test.each([
    ['2.0', 2],
    ['2,00', 2],
    ['２．０', 2],
    ['3.000000', 3],
  ])('%s is the number %i', async (text, n) => {
    const { rows, problems } = await readCsv(csv('prompt,n', `a,"${text}"`));
    expect([rows[0]?.request.n, problems]).toEqual([n, []]);
  });

  test.each(['2.5', '1.000', '1,000', '2.', '.0', '2.0.0'])('%s is no number', async (text) => {
    expect(brief((await readCsv(csv('prompt,n', `a,"${text}"`))).problems)).toEqual([
      '1 n invalid_value',
    ]);
  });

  test.each([
    '1024X1024',
    '1024 × 1024',
    '1024*1024',
    '１０２４ｘ１０２４',
    '1024\u00a0х\u200b1024',
  ])('%s is a size', async (text) => {
    const { rows } = await readCsv(csv('prompt,size', `a,${text}`));
    expect(rows[0]?.request.size).toBe('1024x1024');
  });
});

describe('an index column', () => {
  test.each([
    [',prompt', '0,a', '7,b'],
    ['Unnamed: 0,prompt', '0,a', '1,b'],
    [',Unnamed: 0,prompt', '0,0,a', '1,1,b'],
  ])('%s is dropped', async (...lines) => {
    const { rows, problems, notes } = await readReport('a.csv', `${lines.join('\n')}\n`);
    expect(problems).toEqual([]);
    expect(rows.map(({ request }) => request)).toEqual([{ prompt: 'a' }, { prompt: 'b' }]);
    expect(notes.map(({ code }) => code)).toContain('index_column');
  });

  test('holds numbers only: another value has lost its name', async () => {
    expect(brief((await readCsv(csv(',prompt', '0,a', 'x,b'))).problems)).toEqual([
      '2 column 1 unnamed_column',
    ]);
  });
});

describe('quotation marks after spaces', () => {
  test('at any split of the file', async () => {
    const content = Buffer.from(
      '\ufeff "id",  "prompt"\n 1,   "a, ""b"" c"\n2, x "y", \n 3,"d ,  "\n4,   plain\n',
    );
    const whole = await readCsv(content);
    expect(whole.rows.map(({ request }) => request.prompt)).toEqual([
      'a, "b" c',
      ' x "y"',
      'd ,  ',
      '   plain',
    ]);
    for (let cut = 1; cut < content.length; cut += 1) {
      const table = await openTable(bytesOf(content, [cut]), 'a.csv', { endpoint });
      expect(await readAll(table)).toEqual(whole);
    }
    const bytes = await openTable(bytesOf(content, 1), 'a.csv', { endpoint });
    expect(await readAll(bytes)).toEqual(whole);
  });

  test('are text when text stands before them', async () => {
    const { rows, problems } = await readCsv(csv('prompt;n', 'A 5" nail, "small";1', ' x "y";2'));
    expect(problems).toEqual([]);
    expect(rows.map(({ request }) => request.prompt)).toEqual(['A 5" nail, "small"', ' x "y"']);
  });
});

describe('a second header row', () => {
  test.each([
    ['ID,Prompt', 'row'],
    ['\ufeffid,prompt', 'row'],
    ['id,prompt,,', 'row'],
    ['\u001aid,prompt', 'row'],
    ['prompt,id', 'file'],
    [',プロンプト', 'file'],
    ['prompt', 'file'],
  ])('%j is a problem of the %s', async (header, scope) => {
    const { problems } = await readCsv(csv('id,prompt', '1,A boat', header, '2,A barn'));
    expect(problems).toMatchObject([{ code: 'repeated_header', row: 2, scope }]);
  });

  test.each(['1,size', '1,ID', 'id,A boat', 'size,"prompt, please"'])(
    '%s is a row',
    async (row) => {
      expect((await readCsv(csv('id,prompt', row))).problems).toEqual([]);
    },
  );

  test('does not take the custom id of a later row', async () => {
    const { problems } = await readCsv(csv('id,prompt', 'id,prompt', 'id,A boat'), {}, 1);
    expect(problems).toEqual([]);
  });
});

describe('the end of the file', () => {
  test.each(['\u001a', '\u001a\r\n', '\r\n\u001a', '\u001a'.repeat(100), '\u001a\0\0'])(
    'may be %j',
    async (end) => {
      const { rows, problems, notes } = await readReport('a.csv', `prompt\nA boat${end}`);
      expect([rows.map(({ request }) => request.prompt), problems]).toEqual([['A boat'], []]);
      expect(notes.map(({ code }) => code)).toEqual(['end_of_file_mark']);
      const line =
        '{"custom_id":"1","method":"POST","url":"/v1/images/generations","body":{"prompt":"a"}}';
      expect((await readJsonl(`${line}${end}`)).problems).toEqual([]);
    },
  );

  test('is not in the middle', async () => {
    const { rows } = await readCsv('prompt,x\na,b\u001ac\n');
    expect(rows[0]?.cells).toEqual(['a', 'b\u001ac']);
  });
});

describe('a file that is no table is one problem, which says what to do', () => {
  const zip = (...names: string[]): Buffer =>
    Buffer.concat(
      names.map((name) => {
        const header = Buffer.alloc(30);
        header.writeUInt32LE(0x04034b50);
        header.writeUInt16LE(Buffer.byteLength(name), 26);
        return Buffer.concat([header, Buffer.from(name)]);
      }),
    );

  test.each<[string, string, string | Uint8Array, string]>([
    ['a workbook', 'a.csv', zip('[Content_Types].xml', 'xl/workbook.xml'), 'Excel workbook'],
    ['a workbook by another name', 'a.xlsx', zip('[Content_Types].xml', '_rels/.rels'), 'Excel'],
    ['a Numbers document', 'a.numbers', zip('Index/Document.iwa'), 'Numbers document; export'],
    ['an OpenDocument file', 'a.ods', zip('mimetype'), '.ods'],
    ['a zip of a table', 'a.csv', zip('__MACOSX/x', 'rows/a.csv'), 'holds "rows/a.csv"; unzip it'],
    ['a zip of pictures', 'a.jsonl', zip('a.png'), 'zip archive'],
    ['an array', 'a.json', '[\n  {"custom_id": "1"}\n]\n', 'JSON array'],
    ['pretty JSON', 'a.txt', '{\n\t"custom_id": "1"\n}\n{\n}\n', 'jq -c .'],
    ['JSON by the name of a table', 'a.csv', '[{"custom_id": "1"}]', 'name it .jsonl'],
    ['a table by the name of JSON lines', 'a.jsonl', 'prompt,n\na,1\nb,1\n', 'ends with .csv'],
    ['an HTML table', 'a.xls', '<html><table><tr><td>prompt</td></tr></table>', 'HTML'],
    ['rich text', 'a.txt', '{\\rtf1\\ansi prompt}', 'plain text'],
    ['UTF-16', 'a.jsonl', Buffer.from('\ufeff[\n{"a": 1}\n]', 'utf16le'), 'JSON array'],
  ])('%s', async (_, name, content, hint) => {
    const { status, problems, messages } = await readReport(name, content);
    expect(status).toBe('refused');
    expect(brief(problems)).toEqual(['- - unsupported_file']);
    expect(messages[0]).toContain(hint);
  });

  test('a mistake in the first line leaves the other lines', async () => {
    const line = (id: string) =>
      `{"custom_id":"${id}","method":"POST","url":"${endpoint}","body":{"prompt":"a"}}\n`;
    for (const first of ['{"custom_id": "1",\n', 'x\n', '{"custom_id": "1"\n', '[1]\n'.slice(1)]) {
      const { rows } = await readReport('a.jsonl', first + line('2') + line('3'));
      expect(rows.map(({ status }) => status)).toEqual(['invalid', 'valid', 'valid']);
    }
  });

  test('JSON lines that were joined with a byte order mark are read', async () => {
    const line = (id: string) =>
      `{"custom_id":"${id}","method":"POST","url":"${endpoint}","body":{"prompt":"a"}}\n`;
    const { problems, notes } = await readReport('a.jsonl', `\ufeff${line('1')}\ufeff${line('2')}`);
    expect([problems, notes.map(({ code, row }) => [code, row])]).toEqual([
      [],
      [['byte_order_mark', 2]],
    ]);
  });
});

describe('blank rows', () => {
  test.each([
    ['a.csv', `prompt,n\n${',\n'.repeat(50)}a,1\n`],
    ['a.csv', `prompt,n\n${'\n'.repeat(50)}a,1\n`],
    ['a.jsonl', `{}\n${'\n'.repeat(50)}{}\n`],
    ['a.jsonl', `{}\n${' \t\r\n'.repeat(50)}{}\n`],
    ['a.jsonl', `{}\n${'\u3000\n'.repeat(50)}{}\n`],
  ])('%s: %.20j are counted, and too many end the reading', async (name, content) => {
    const read = async (blankRows: number) => {
      const options = { endpoint, limits: { blankRows } } as const;
      const table = await openTable(bytesOf(content), name, options);
      return (await readAll(table)).problems.map(({ code }) => code);
    };
    expect(await read(50)).not.toContain('too_many_blank_rows');
    expect((await read(49)).at(-1)).toBe('too_many_blank_rows');
  });
});
