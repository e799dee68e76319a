import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkJobRequest } from '@kiln/shared/models/job-rules';
import { describe, expect, test } from 'vitest';
import { brief, readCsv } from './table-rig.ts';

const folder = join(import.meta.dirname, '..', '..', 'data', 'csv');
const sample = (name: string): Buffer => readFileSync(join(folder, name));

describe('the same products in every encoding', () => {
  const first = {
    custom_id: 'hero-1',
    prompt: 'A ceramic teapot on a linen cloth, morning light, product photograph',
    size: '1536x1024',
    quality: 'medium',
    output_format: 'jpeg',
  };

  test.each([
    ['products-utf8.csv', 'utf-8', false, ','],
    ['products-utf8-bom.csv', 'utf-8', true, ','],
    ['products-utf16le.csv', 'utf-16le', true, ','],
    ['products-cp932.csv', 'shift_jis', false, ','],
    ['products-semicolon.csv', 'utf-8', false, ';'],
  ])('%s', async (name, encoding, bom, delimiter) => {
    const { summary, rows, problems } = await readCsv(sample(name));
    expect(problems).toEqual([]);
    expect(summary).toEqual({
      format: 'csv',
      encoding,
      bom,
      delimiter,
      columns: ['custom_id', 'prompt', 'size', 'quality', 'output_format'].map((use) => ({
        name: use,
        use,
      })),
    });
    const { custom_id: customId, ...request } = first;
    if (delimiter === ',')
      expect(rows[0]).toMatchObject({ status: 'valid', row: 1, customId, request });
    expect(rows.map((row) => row.customId)).toEqual(['hero-1', 'hero-2', 'icon-1', 'jp-1', 'jp-2']);
    const japanese = rows.map((row) => row.request.prompt).slice(3);
    expect(japanese).toEqual([
      'F1レーサーを躍動感あるように描いて。水彩画風に。',
      '髙島屋の包装紙のような薔薇の模様、①番の色見本',
    ]);
  });
});

test('Japanese column names are recognised', async () => {
  const { summary, rows, problems } = await readCsv(sample('headers-japanese.csv'));
  expect(problems).toEqual([]);
  expect(summary?.encoding).toBe('shift_jis');
  expect(summary?.columns).toEqual([
    { name: 'プロンプト', use: 'prompt' },
    { name: 'ID', use: 'custom_id' },
    { name: 'サイズ', use: 'size' },
    { name: '品質', use: 'quality' },
  ]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    customId: 'fuji-1',
    request: { prompt: '富士山と桜の浮世絵', size: '1536x1024', quality: 'low' },
  });
});

test('cells may contain quotation marks, delimiters, line ends and templates', async () => {
  const { rows, problems } = await readCsv(sample('quoted.csv'));
  expect(problems).toEqual([]);
  expect(rows.map(({ request }) => request.prompt)).toEqual([
    'A "quoted" sign, with a comma',
    'Two lines\nin one prompt',
    'A autumn forest',
  ]);
  expect(rows.map(({ request }) => request.metadata)).toEqual([
    { season: 'winter' },
    { season: 'spring' },
    { season: 'autumn' },
  ]);
});

test('every mistake of every row is reported with the names and values of the file', async () => {
  const target = {
    provider: 'openai',
    model: 'gpt-image-2',
    today: new Date('2026-11-21'),
  } as const;
  const { rows, problems } = await readCsv(sample('invalid-rows.csv'), {
    check: (request) => checkJobRequest(request, target).problems,
  });
  expect(brief(problems)).toEqual([
    '2 prompt missing_required_parameter',
    '3 size unsupported_parameter',
    '4 quality invalid_value',
    '5 output_format unsupported_parameter',
    '6 output_compression unsupported_parameter',
    '7 n invalid_value',
    '8 custom_id duplicate_custom_id',
  ]);
  expect(rows.map(({ status }) => status)).toEqual(['valid', ...Array<string>(7).fill('invalid')]);
  expect(problems[2]).toEqual({
    code: 'invalid_value',
    scope: 'row',
    row: 4,
    column: 'quality',
    message: 'quality: received "ultra"; it takes auto, low, medium, high, xhigh, max',
    value: 'ultra',
  });
});
