/**
 * Any input gives an answer and never an exception, and takes no more memory than the limits allow.
 */
import { isStorable } from '@kiln/shared/schemas/text';
import { createProblemReport } from '@kiln/shared/tabular/problems/problem-report';
import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import { textEncodings } from '@kiln/shared/domain/text/text-encodings';
import { problemCodes } from '@kiln/shared/tabular/problems/problem-codes';
import { buildProblem } from '@kiln/shared/tabular/problems/row-problem';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { brief, bytesOf, readAll, readCsv, readJsonl } from './table-rig.ts';

vi.setConfig({ testTimeout: 60_000 });

const codes: ReadonlySet<string> = new Set(problemCodes.map(({ code }) => code));
const tableText = fc.string({
  unit: fc.constantFrom(...Array.from('prompt,;\t\r\n"\'{}= n1\0髙é'), '{{', '\n', ',', '"'),
  maxLength: 200,
});
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  tableText.map((text) => Buffer.from(text)),
  tableText.map((text) => Buffer.from(`prompt,n,note\n${text}`)),
  tableText.map((text) => Buffer.from(text, 'utf16le')),
);

test('any CSV bytes give rows or problems, and never an exception', async () => {
  await fc.assert(
    fc.asyncProperty(
      bytes,
      fc.option(fc.constantFrom(...textEncodings)),
      fc.array(fc.nat(300), { maxLength: 4 }),
      async (content, encoding, cuts) => {
        const options = {
          ...(encoding === null ? {} : { encoding }),
          limits: { recordBytes: 100, cellCharacters: 20 },
        };
        const { problems, rows } = await readAll(await openCsv(bytesOf(content, cuts), options));
        for (const { code, message, value, column } of problems) {
          expect(codes).toContain(code);
          expect(isStorable(`${message}${value}${column}`)).toBe(true);
          expect(message.length < 3_000 && Array.from(value ?? '').length <= 101).toBe(true);
        }
        for (const row of rows) expect(row.status === 'valid').toBe(row.problems.length === 0);
      },
    ),
    { numRuns: 500 },
  );
});

test('any JSONL bytes give rows or problems, and never an exception', async () => {
  const json = fc
    .json()
    .map((text) =>
      Buffer.from(
        `{"custom_id":"a","method":"POST","url":"/v1/images/generations","body":${text}}\n`,
      ),
    );
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, json), async (content) => {
      const { problems, rows } = await readJsonl(content, { limits: { recordBytes: 500 } });
      for (const { code, message, value, column } of problems) {
        expect(codes).toContain(code);
        expect(isStorable(`${message}${value}${column}`)).toBe(true);
      }
      for (const row of rows) expect(row.status === 'valid').toBe(row.problems.length === 0);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['an emoji at the 59th character', `${'x'.repeat(58)}😀x`],
  ['an emoji at the 100th character', `${'x'.repeat(99)}😀x`],
  ['a NUL', '1024\0'],
])('the problem of a wrong cell with %s can be stored', async (_what, cell) => {
  const { problems } = await readCsv(`prompt,size\na,${cell}\n`);
  const line = { custom_id: 'a', method: 'POST', url: '/v1/images/generations' };
  const lines = [
    { ...line, body: { prompt: 'a', size: cell } },
    { ...line, body: { prompt: 'a', [cell]: 1 } },
  ];
  const read = await readJsonl(lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const found = [...problems, ...read.problems];
  expect(found.length).toBeGreaterThanOrEqual(3);
  for (const { message, value, column } of found)
    expect(isStorable(`${message}${value}${column}`)).toBe(true);
});

describe('reading holds no more memory than the limits allow', () => {
  test.each([
    ['quotation marks', `prompt\nx${'"'.repeat(900_000)}\n`],
    ['quotation marks in one that opens', `prompt\n${'"x'.repeat(450_000)}\n`],
    ['braces', `prompt\n${'{'.repeat(900_000)}\n`],
    ['templates that do not exist', `prompt\n${'{{x}}'.repeat(12_000)}\n`],
    ['spaces', `prompt\n${' '.repeat(900_000)}x\n`],
    ['carriage returns', `prompt\n${'\r'.repeat(900_000)}x\n`],
    ['apostrophes', `prompt\n${"'".repeat(900_000)}=\n`],
    ['rows with a stray quotation mark', `prompt\n${'"a"b\n'.repeat(20_000)}`],
    ['rows with too many cells', `prompt\n${'a,b\n'.repeat(20_000)}`],
  ])('%s', async (_, content) => {
    const { status } = await readCsv(content);
    expect(status).toBe('opened');
  });
});

test('a reader of 200,000 rows takes no more bytes than the requested rows need', async () => {
  const line = Buffer.from(`${'A boat in the fog. '.repeat(5)},1\n`);
  const linesOfChunk = 500;
  let taken = 0;
  let isClosed = false;
  const open = async function* open(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('prompt,n\n');
      const chunk = Buffer.concat(Array<Buffer>(linesOfChunk).fill(line));
      for (let count = 0; count < 200_000; count += linesOfChunk) {
        taken += chunk.length;
        yield chunk;
      }
    } finally {
      isClosed = true;
    }
  };
  const table = await openCsv(open, { limits: { rows: 200_000 } });
  if (table.status === 'refused') throw new Error('refused');
  taken = 0;
  let rows = 0;
  let ahead = 0;
  for await (const row of table.rows()) {
    rows = row.row;
    ahead = Math.max(ahead, taken - rows * line.length);
  }
  expect(rows).toBe(200_000);
  expect(ahead).toBeLessThanOrEqual(2 * linesOfChunk * line.length);
  isClosed = false;
  for await (const row of table.rows()) if (row.row === 10) break;
  expect(isClosed).toBe(true);
});

describe('a report', () => {
  test('lists the first thousand problems and counts all', () => {
    const report = createProblemReport();
    for (let row = 1; row <= 5_000; row += 1)
      report.add([buildProblem('stray_quote', 'x', { row })]);
    expect([report.problems.length, report.total, report.hasFileProblem]).toEqual([
      1_000,
      5_000,
      false,
    ]);
    expect(report.byCode.get('stray_quote')).toBe(5_000);
  });

  test('counts a problem of the whole file once', async () => {
    const report = createProblemReport();
    const { problems } = await readCsv('prompt\n{{a}}\n{{b}} {{a}}\n{{a}} {{a}}\n');
    report.add(problems);
    expect(brief(report.problems)).toEqual(['1 prompt unknown_column', '2 prompt unknown_column']);
    expect([report.total, report.hasFileProblem]).toEqual([2, true]);
  });
});
