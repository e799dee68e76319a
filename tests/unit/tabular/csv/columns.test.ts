import { describe, expect, test } from 'vitest';
import { brief, csv, readCsv } from '../table-rig.ts';

async function usesOf(header: string, options = {}) {
  const { summary, problems } = await readCsv(csv(header, 'x'), options);
  return {
    uses: summary?.columns.map(({ use }) => use),
    problems: problems.filter(({ row }) => row === null),
  };
}

describe('names', () => {
  test.each([
    ['Prompt', 'prompt'],
    [' PROMPT ', 'prompt'],
    ['ＰＲＯＭＰＴ', 'prompt'],
    ['プロンプト', 'prompt'],
    ['ﾌﾟﾛﾝﾌﾟﾄ', 'prompt'],
    ['Custom ID', 'custom_id'],
    ['custom-id', 'custom_id'],
    ['customId', 'custom_id'],
    ['ID', 'custom_id'],
    ['管理番号', 'custom_id'],
    ['Output  Format', 'output_format'],
    ['出力形式', 'output_format'],
    ['枚数', 'n'],
    ['圧縮率', 'output_compression'],
    ['ファイル名', 'filename'],
    ['マスク', 'mask'],
    ['画像', 'image'],
    ['Season', 'metadata'],
    ['constructor', 'metadata'],
    ['', 'dropped'],
  ])('%j means %s', async (name, use) => {
    expect((await usesOf(`${name},x`, { defaults: { prompt: 'a' } })).uses?.[0]).toBe(use);
  });

  test('an alias beside the column it stands for is metadata', async () => {
    expect((await usesOf('id,custom_id,prompt')).uses).toEqual(['metadata', 'custom_id', 'prompt']);
  });

  test.each([
    ['prompt,size,Size', 'Size'],
    ['prompt,ID,管理番号', '管理番号'],
    ['prompt,season,SEASON', 'SEASON'],
    ['prompt,a b,a_b', 'a_b'],
  ])('%j has a duplicate', async (header, column) => {
    const { problems } = await usesOf(header);
    expect(brief(problems)).toEqual([`- ${column} duplicate_header`]);
  });

  test('names that differ in more than spaces are different', async () => {
    expect((await usesOf('prompt,q1_1,q11')).problems).toEqual([]);
  });

  test('a file without a prompt column is refused, and its columns are listed', async () => {
    const { problems } = await usesOf('text,size');
    expect(problems[0]).toMatchObject({ code: 'missing_column', scope: 'file' });
    expect(problems[0]?.message).toContain('"text", "size"');
  });
});

describe('the delimiter', () => {
  test.each([
    ['prompt,size', ','],
    ['prompt;size', ';'],
    ['prompt\tsize', '\t'],
    ['prompt', ','],
    ['"prompt";"notes, more, and more"', ';'],
    ['プロンプト\tメモ,いろいろ,その他', '\t'],
    ['"a, b";prompt', ';'],
  ])('of %j is %j', async (header, delimiter) => {
    expect((await readCsv(csv(header))).summary?.delimiter).toBe(delimiter);
  });

  test('counts mapped names as known', async () => {
    const options = { columnMap: { Motiv: 'prompt', 'a,b': null } } as const;
    expect((await readCsv(csv('Motiv;a,b', 'Boot;1'), options)).summary?.delimiter).toBe(';');
  });

  test('is the one that the caller names', async () => {
    const { summary } = await readCsv(csv('prompt,size;x', 'a;b'), {
      delimiter: ';',
      defaults: { prompt: 'a' },
    });
    expect(summary?.columns).toHaveLength(2);
  });
});

describe('column_map', () => {
  test('renames and drops columns, comparing names as loosely as the header row', async () => {
    const { summary, rows } = await readCsv(csv('Text,Notes,Size', 'A boat,secret,auto'), {
      columnMap: { text: 'prompt', NOTES: null, size: null },
    });
    expect(summary?.columns.map(({ use }) => use)).toEqual(['prompt', 'dropped', 'dropped']);
    expect(rows[0]).toMatchObject({
      status: 'valid',
      request: { prompt: 'A boat' },
      cells: ['A boat', 'secret', 'auto'],
    });
    expect(rows[0]?.request).not.toHaveProperty('metadata');
  });

  test('a mapped column takes precedence over an alias', async () => {
    const { uses, problems } = await usesOf('prompt,ID,sku', { columnMap: { sku: 'custom_id' } });
    expect([uses, problems]).toEqual([['prompt', 'metadata', 'custom_id'], []]);
  });

  test('a column whose name is a field can be kept as metadata', async () => {
    const { rows, problems } = await readCsv(csv('Bildtext,Size', 'A boat,M'), {
      columnMap: { bildtext: 'prompt', size: 'metadata' },
    });
    expect(problems).toEqual([]);
    expect(rows[0]?.request).toMatchObject({ prompt: 'A boat', metadata: { Size: 'M' } });
    expect(rows[0]?.request).not.toHaveProperty('size');
  });

  test('two columns for one field are a problem, until one of them is metadata', async () => {
    const two = await usesOf('prompt,text', { columnMap: { text: 'prompt' } });
    expect(brief(two.problems)).toEqual(['- text duplicate_header']);
    expect(two.problems[0]?.message).toContain('("prompt") and 2 ("text")');
    const one = await usesOf('prompt,text', {
      columnMap: { text: 'prompt', prompt: 'metadata' },
    });
    expect([one.uses, one.problems]).toEqual([['metadata', 'prompt'], []]);
  });

  test('unknown columns and unknown targets are problems', async () => {
    const { problems } = await usesOf('prompt,size', {
      columnMap: { siez: 'size', size: 'colour' },
    });
    expect(brief(problems)).toEqual(['- siez unknown_column', '- size invalid_column_map']);
  });
});

describe('metadata', () => {
  test('is every other column; an empty cell gives no pair', async () => {
    const { rows } = await readCsv(csv('prompt, Season ,shop', 'a,winter,', 'b,,'));
    expect(rows.map(({ request }) => request.metadata)).toEqual([{ Season: 'winter' }, undefined]);
  });

  test('of the defaults is merged with that of the row', async () => {
    const { rows } = await readCsv(csv('prompt,season', 'a,winter'), {
      defaults: { metadata: { season: 'none', shop: 'x' } },
    });
    expect(rows[0]?.request.metadata).toEqual({ season: 'winter', shop: 'x' });
  });

  test('from more than 16 columns is one problem of the file', async () => {
    const names = Array.from({ length: 17 }, (_, index) => `m${index}`);
    const { problems, rows } = await readCsv(csv(`prompt,${names.join()}`, `a,${names.join()}`));
    expect(brief(problems)).toEqual(['- - too_many_metadata_columns']);
    expect(problems[0]?.message).toContain('{"m16": null}');
    expect(rows[0]?.problems).toEqual([]);
    const dropped = await readCsv(csv(`prompt,${names.join()}`, `a {{m16}},${names.join()}`), {
      columnMap: { m16: null },
    });
    expect(dropped.problems).toEqual([]);
    expect(dropped.rows[0]?.request.prompt).toBe('a m16');
  });

  test.each(['x'.repeat(65), '__proto__'])(
    'of a column %s is a problem of the file',
    async (name) => {
      expect(brief((await usesOf(`prompt,${name}`)).problems)).toEqual([
        `- ${name} invalid_header`,
      ]);
    },
  );

  test('of more than 512 characters is a problem of the row', async () => {
    const { problems } = await readCsv(
      csv('prompt,Note', `a,${'x'.repeat(513)}`, `b,${'字'.repeat(512)}`),
    );
    expect(brief(problems)).toEqual(['1 Note invalid_value']);
    expect(problems[0]?.message).toBe(
      'Note: received 513 characters; at most 512 characters are allowed',
    );
    expect(problems[0]?.value).toBe(`${'x'.repeat(100)}…`);
  });
});

describe('limits of the header row', () => {
  test('too many columns are refused', async () => {
    const many = await readCsv(csv(`prompt${',x'.repeat(100)}`));
    expect(brief(many.problems)).toEqual(['- - too_many_columns']);
  });

  test('a header row that is too long is refused', async () => {
    const { problems } = await readCsv(`prompt,${'x'.repeat(70_000)}\na,b\n`);
    expect(brief(problems)).toEqual(['- - header_too_long']);
  });

  test('a quotation mark that is not closed is refused', async () => {
    expect(brief((await readCsv('prompt,"x\na,b\n')).problems)).toEqual(['- - unterminated_quote']);
  });

  test.each(['', '\ufeff', '\n\n', ' \r\n'])('an empty file is refused: %j', async (content) => {
    const { status, problems } = await readCsv(content);
    expect(brief(problems).at(-1)).toMatch(/empty_file|missing_column/);
    expect(status === 'refused' || problems.length > 0).toBe(true);
  });

  test('a file without rows is refused', async () => {
    expect(brief((await readCsv('prompt,size\n')).problems)).toEqual(['- - empty_file']);
  });
});

describe('templates', () => {
  const options = { columnMap: { secret: null } } as const;

  test.each([
    ['A {{season}} forest', 'A winter forest'],
    ['{{ SEASON }}{{Shop Name}}', 'winterX'],
    ['{{shop_name}} {{size}} {{secret}}', 'X auto s'],
    ['{{empty}}!', '!'],
    ['{{{{season}}', '{{season}}'],
    ['{{{{{{season}}', '{{winter'],
    ['{{season', '{{season'],
    ['{"a":{"b":{}}}', '{"a":{"b":{}}}'],
    ['{{quoted}}', '{{season}}'],
  ])('%j gives %j', async (prompt, filled) => {
    const header = 'prompt,season,Shop  Name,size,secret,empty,quoted';
    const row = `"${prompt.replaceAll('"', '""')}",winter,X,auto,s,,{{season}}`;
    const { rows, problems } = await readCsv(csv(header, row), options);
    expect(problems).toEqual([]);
    expect(rows[0]?.request.prompt).toBe(filled);
  });

  test('in the default prompt are filled for each row', async () => {
    const { rows } = await readCsv(csv('season', 'winter', 'spring'), {
      defaults: { prompt: 'A {{season}} forest' },
    });
    expect(rows.map(({ request }) => request.prompt)).toEqual([
      'A winter forest',
      'A spring forest',
    ]);
  });

  test('with an unknown column are a problem of the file and of every such row', async () => {
    const { rows, problems } = await readCsv(
      csv('prompt,season', '{{saeson}},a', '{{season}},a', '{{saeson}},a'),
    );
    expect(rows.map(({ status }) => status)).toEqual(['invalid', 'valid', 'invalid']);
    expect(problems[0]).toMatchObject({
      code: 'unknown_column',
      scope: 'file',
      row: 1,
      value: '{{saeson}}',
    });
  });

  test('that would make the prompt too long are not filled', async () => {
    const { problems } = await readCsv(
      csv('prompt,x', `${'{{x}}'.repeat(5_000)},${'y'.repeat(512)}`),
    );
    expect(brief(problems)).toEqual(['1 prompt invalid_value']);
    expect(problems[0]?.message).toContain('2,560,000 characters');
  });
});

test.each([
  ['custom_id,prompt\u20281,A boat\u2028', 'Its lines seem to end with line separators (U+2028)'],
  ['custom_id,prompt\u00851,A boat\u0085', 'Its lines seem to end with NEL (U+0085)'],
  ['custom_id,prompt\v1,A boat\v', 'Its lines seem to end with vertical tabs'],
  ['custom_id|prompt\n1|A boat\n', 'Its cells seem to be separated by "|"'],
  ['prompt:n\nA boat:1\n', 'Its cells seem to be separated by ":"'],
  ['title\nA boat\n', 'Name one of them prompt'],
])('%j: the problem says what separates it', async (content, says) => {
  const { problems } = await readCsv(content);
  expect(brief(problems)).toEqual(['- - missing_column']);
  expect(problems[0]?.message).toContain(says);
});
