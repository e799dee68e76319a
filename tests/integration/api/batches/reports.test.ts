/**
 * The files that people sent, each with what a dry run answers: a table to read. A file with dirt
 * is accepted with a note, a mistake is a problem at its row, and nothing is read wrongly.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchValidation } from '@kiln/shared/schemas/batch';
import { expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { engineNamed } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const folder = join(import.meta.dirname, '../../../data/reports');
const bytesOf = (name: string) => readFileSync(join(folder, name));

interface Outcome {
  encoding?: string | null;
  delimiter?: string | null;
  /** Rows that are not empty; by default one. */
  rows?: number;
  /** `row column code`, with `-` for none. */
  problems?: string[];
  /** What the first message says. */
  says?: RegExp;
  /** `code`, and the row and column where there are any. */
  notes?: string[];
  /** The prompts of the first rows that would become jobs. */
  prompts?: string[];
  /** The field of the first row, besides its prompt. */
  request?: Record<string, unknown>;
}

const judged = 'judged_encoding';
const boat = { prompts: ['A boat'] };

const outcomes: Readonly<Record<string, Outcome>> = {
  // Encodings that nothing declares
  'a1-cp1252-apostrophe.csv': {
    encoding: 'windows-1252',
    notes: [judged],
    prompts: ['A sailor’s boat'],
  },
  'a2-cp1252-german.csv': {
    encoding: 'windows-1252',
    notes: [judged],
    prompts: ['Ein Mädchen im Wald'],
  },
  'a5-gbk.csv': { encoding: 'gb18030', notes: [judged], prompts: ['一只小船在晨雾中'] },
  'a6-euc-kr.csv': { encoding: 'euc-kr', notes: [judged], prompts: ['아침 안개 속의 작은 배'] },
  'a7-iso-2022-jp.csv': { encoding: 'iso-2022-jp', notes: [judged], prompts: ['朝霧の舟'] },
  'a8-utf8-one-bad-byte.csv': {
    encoding: null,
    delimiter: null,
    rows: 0,
    problems: ['2 - invalid_encoding'],
    says: /^Byte 0xE9 \(number \d+ of the file\) in row 2 is not valid utf-8: "2,A caf\ufffd t/,
    prompts: [],
  },
  // Dirt of spreadsheets
  'b1-sep-line.csv': { delimiter: ';', notes: ['separator_line'], ...boat },
  'b2-short-rows.csv': {
    rows: 2,
    notes: ['missing_cells 1'],
    prompts: ['A boat', 'A barn'],
  },
  'b3-extra-empty-cells.csv': {
    rows: 2,
    notes: ['extra_empty_cells 1'],
    prompts: ['A boat', 'A barn'],
  },
  'b4-first-row-commas.csv': { notes: ['empty_rows_before_header'], ...boat },
  'b5-99-empty-columns.csv': { notes: ['unnamed_columns'], ...boat },
  'b6-zwsp-header.csv': { notes: ['invisible_characters prompt'], ...boat },
  'b7-pandas-index.csv': { notes: ['index_column 1'], ...boat },
  'b8-whole-float.csv': {
    rows: 2,
    notes: ['spelling 1 n'],
    prompts: ['A boat', 'A barn'],
    request: { n: 2 },
  },
  'b9-concatenated.csv': {
    rows: 3,
    problems: ['2 - repeated_header'],
    says: /header row/,
    prompts: ['A boat', 'A barn'],
  },
  'b10-space-before-quote.csv': {
    rows: 2,
    notes: ['space_before_quote'],
    prompts: ['A boat, with a sail', 'A barn'],
  },
  'b11-ctrl-z.csv': { notes: ['end_of_file_mark'], ...boat },
  'b12-size-times.csv': {
    rows: 3,
    notes: ['spelling 1 size'],
    prompts: ['A boat', 'A barn', 'A hill'],
    request: { size: '1024x1024' },
  },
  // JSONL
  'c1-utf16.jsonl': { encoding: 'utf-16le', delimiter: null, ...boat },
  'c2-pretty.jsonl': {
    encoding: null,
    delimiter: null,
    rows: 0,
    problems: ['- - unsupported_file'],
    says: /jq -c \. pretty\.json/,
    prompts: [],
  },
  'c3-array.jsonl': {
    encoding: null,
    delimiter: null,
    rows: 0,
    problems: ['- - unsupported_file'],
    says: /jq -c '\.\[\]' array\.json/,
    prompts: [],
  },
  // Names of pictures
  'd1-names.csv': { rows: 2, prompts: ['A boat', 'A barn'], request: { quality: 'low' } },
  'd3-row.csv': { prompts: ['The same at night'] },
  // No tables
  'd3-pictures-gbk.zip': {
    encoding: null,
    delimiter: null,
    rows: 0,
    problems: ['- - unsupported_file'],
    says: /zip archive, not a table/,
    prompts: [],
  },
};

/** `d3-row.csv` names a picture of the zip beside it, and is sent with it. */
async function validate(name: string): Promise<BatchValidation> {
  const form = new FormData();
  if (name === 'd3-row.csv') {
    form.set('endpoint', '/v1/images/edits');
    form.set('files', new Blob([bytesOf('d3-pictures-gbk.zip')]), 'pictures.zip');
  }
  // A zip by its own name as `file` is one of pictures, and then the table is missing.
  form.set('file', new Blob([bytesOf(name)]), name.replace(/\.zip$/, ''));
  const response = await kiln.request('/v1/batches/validate', { method: 'POST', body: form });
  expect(response.status).toBe(200);
  return (await response.json()) as BatchValidation;
}

function expectedFields({ encoding = 'utf-8', delimiter = ',', notes = [] }: Outcome) {
  return { encoding, delimiter, notes };
}

test.each(Object.entries(outcomes))('%s', async (name, expected) => {
  const { says, prompts = [], problems = [], rows = 1, request = {} } = expected;
  const answer = await validate(name);
  const place = (row: number | null, column: string | null) => [row, column];
  expect({
    encoding: answer.encoding,
    delimiter: answer.delimiter,
    rows: answer.rows,
    problems: answer.problems.map(
      ({ row, column, code }) => `${row ?? '-'} ${column ?? '-'} ${code}`,
    ),
    notes: answer.notes.map(({ code, row, column }) =>
      [code, ...place(row, column)].filter((part) => part !== null).join(' '),
    ),
    prompts: answer.sample.map((each) => each.request['prompt']),
    valid: answer.valid,
    accepted: answer.accepted,
  }).toEqual({
    ...expectedFields(expected),
    rows,
    problems,
    prompts,
    valid: prompts.length,
    accepted: problems.length === 0,
  });
  if (says !== undefined) expect(answer.problems[0]?.message).toMatch(says);
  expect(answer.sample[0]?.request ?? {}).toMatchObject(request);
});

test('the table has every file', () => {
  const files = readdirSync(folder).filter((name) => !name.startsWith('.'));
  expect(files.toSorted()).toEqual(Object.keys(outcomes).toSorted());
});
