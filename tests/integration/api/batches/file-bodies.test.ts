/**
 * The file of a batch as a body, as a part of a form, and as an uploaded file: its encoding is
 * declared in the same way, and a file that is no table is one problem that says what to do.
 */
import { gzipSync } from 'node:zlib';
import type { BatchValidation } from '@kiln/shared/schemas/batch';
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { flatPng } from '../../../support/pictures/pictures.ts';
import { buildZip } from '../../../support/zip.ts';
import { boundary, field, filePart, toBody, upload, type RawPart } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });

function validate(body: Buffer, type: string, query = ''): Promise<Response> {
  const headers = { 'content-type': type };
  return kiln.request(`/v1/batches/validate${query}`, { method: 'POST', headers, body });
}

const validateForm = (...parts: RawPart[]): Promise<Response> =>
  validate(toBody(parts), `multipart/form-data; boundary=${boundary}`);

const readValidation = async (response: Response): Promise<BatchValidation> => {
  const answer = (await response.json()) as BatchValidation;
  expect([response.status, answer]).toEqual([200, expect.anything()]);
  return answer;
};

describe('the charset of the content type', () => {
  const content = Buffer.from('prompt\nA sailor\x92s boat\nA man\x9c\n', 'latin1');
  const asBody = (type: string, query = '') => validate(content, type, query);
  const asPart = (type: string, ...fields: RawPart[]) =>
    validateForm(...fields, filePart(content, 'rows.csv', `content-type: ${type}`));

  test.each(['text/csv; charset=windows-1252', 'text/csv;Charset="CP1252"'])(
    '%s names the encoding of a body and of a part',
    async (type) => {
      for (const send of [asBody, asPart]) {
        const { encoding, sample, notes } = await readValidation(await send(type));
        expect([encoding, sample[0]?.request['prompt'], notes]).toEqual([
          'windows-1252',
          'A sailor’s boat',
          [],
        ]);
      }
    },
  );

  test.each([
    ['text/csv; charset=klingon', 400],
    // Names of several parts follow each other in one piece of the body.
    ['text/csv; charset=utf-8', 200],
  ])('%s is answered alike', async (type, status) => {
    const answers = await Promise.all(
      [asBody(type), asPart(type)].map(async (sent) => {
        const response = await sent;
        expect(response.status).toBe(status);
        return (await response.json()) as { error?: { message: string; param: string } };
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(JSON.stringify(answers[0])).toMatch(/encoding/);
  });

  test('does not go before the field', async () => {
    const type = 'text/csv; charset=utf-8';
    for (const sent of [
      asBody(type, '?encoding=windows-1252'),
      asPart(type, field('encoding', 'windows-1252')),
    ])
      expect((await readValidation(await sent)).encoding).toBe('windows-1252');
  });

  test('belongs to the part that has it', async () => {
    const parts: RawPart[] = [
      ['name="defaults"', '{"n": 1}', 'content-type: application/json; charset=utf-16le'],
      [
        'name="files"; filename="a.png"',
        flatPng(64, 64),
        'content-type: image/png; charset=koi8-r',
      ],
      filePart(content, 'rows.csv', 'content-type: text/csv; charset=windows-1252'),
      ['name="on_invalid_rows"', 'skip', 'content-type: text/plain; charset=utf-8'],
    ];
    expect((await readValidation(await validateForm(...parts))).encoding).toBe('windows-1252');
  });
});

test.each(['quoted-printable', 'base64'])('a part in %s is refused', async (coding) => {
  const headers = `content-type: text/csv\r\ncontent-transfer-encoding: ${coding}`;
  const response = await validateForm(filePart('prompt\nM=C3=A4dchen\n', 'rows.csv', headers));
  expect(await readError(response)).toMatchObject({
    status: 400,
    code: 'invalid_request',
    param: 'file',
    message: expect.stringContaining(`content-transfer-encoding "${coding}"`) as unknown,
  });
  for (const plain of ['binary', '8bit', '7BIT'])
    await readValidation(
      await validateForm(
        filePart('prompt\na\n', 'rows.csv', `content-transfer-encoding: ${plain}`),
      ),
    );
});

describe('a file that is no table', () => {
  const table = Buffer.from('prompt\nA boat\n');
  const zipOf = (...names: string[]): Buffer =>
    buildZip(names.map((name) => ({ name, content: table })));
  const kinds: [name: string, bytes: Buffer, says: RegExp][] = [
    ['rows.zip', zipOf('rows.csv'), /zip that holds "rows.csv"; unzip it and upload that file/],
    ['rows.zip', zipOf('__MACOSX/x', 'a/rows.jsonl'), /zip that holds "a\/rows.jsonl"; unzip it/],
    ['rows.csv', zipOf('rows.csv'), /zip that holds "rows.csv"; unzip it/],
    ['rows', zipOf('rows.tsv'), /zip that holds "rows.tsv"; unzip it/],
    [
      'rows.xlsx',
      zipOf('[Content_Types].xml', 'xl/workbook.xml'),
      /\(.xlsx\); save it as "CSV UTF-8"/,
    ],
    [
      'rows.zip',
      zipOf('[Content_Types].xml', 'xl/workbook.xml'),
      /\(.xlsx\); save it as "CSV UTF-8"/,
    ],
    ['rows.numbers', zipOf('Index/Document.iwa'), /Numbers document; export it as CSV/],
    ['rows.ods', zipOf('mimetype', 'content.xml'), /\(.ods\); save it as "CSV UTF-8"/],
    ['rows.csv.gz', gzipSync(table), /compressed with gzip; upload it uncompressed/],
    ['rows.csv', gzipSync(table), /compressed with gzip; upload it uncompressed/],
    ['rows.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /\(.xls\); save it as "CSV UTF-8"/],
    [
      'rows.csv.zst',
      Buffer.from('28b52ffd2000', 'hex'),
      /\(bzip2, xz or zstd\); upload it uncompressed/,
    ],
    ['rows.parquet', Buffer.from('PAR1\x15\x04'), /\(Parquet, Arrow\); export it as CSV/],
    ['rows.pdf', Buffer.from('%PDF-1.7\n'), /is a PDF, not a table/],
  ];
  const ways: [string, (name: string, bytes: Buffer) => Promise<Response>][] = [
    ['as a body of text/csv', (_, bytes) => validate(bytes, 'text/csv')],
    ['as a body of no known type', (_, bytes) => validate(bytes, 'application/octet-stream')],
    ['as a form', (name, bytes) => validateForm(filePart(bytes, name))],
    [
      'as an uploaded file',
      async (name, bytes) => {
        const { id } = await upload(kiln, [field('purpose', 'batch'), filePart(bytes, name)]);
        const body = Buffer.from(JSON.stringify({ input_file_id: id }));
        return validate(body, 'application/json');
      },
    ],
  ];

  test.each<[string, string, Buffer]>([
    [
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'unsupported_file',
      zipOf('[Content_Types].xml', 'xl/workbook.xml'),
    ],
    ['application/vnd.oasis.opendocument.spreadsheet', 'unsupported_file', zipOf('mimetype')],
    ['application/zip', 'unsupported_file', zipOf('rows.csv')],
    ['application/gzip', 'unsupported_file', gzipSync(table)],
  ])('a body of %s is the same problem', async (type, code, bytes) => {
    const { problems } = await readValidation(await validate(bytes, type));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  test.each(kinds)('%s is one problem, in each way to send it', async (name, bytes, says) => {
    for (const [way, send] of ways) {
      const {
        accepted,
        rows,
        problems,
        problems_total: total,
      } = await readValidation(await send(name, bytes));
      expect([way, accepted, rows, total]).toEqual([way, false, 0, 1]);
      expect(problems).toMatchObject([
        { code: 'unsupported_file', row: null, message: expect.stringMatching(says) as unknown },
      ]);
    }
  });
});
