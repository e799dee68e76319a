/** UTF-7 and HZ-GB-2312 consist of ASCII: their files are refused, and usual ASCII is not. */
import { describe, expect, test } from 'vitest';
import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import { EncodingNotConfirmed } from '@kiln/shared/tabular/text/open-bytes';
import { brief, bytesOf, readAll, readCsv, readJsonl } from '../table-rig.ts';
import { encodeText } from './encode-text.ts';

function toUtf7(text: string): string {
  return text.replaceAll(/\+|[^\0-\u007f]+/g, (part) => {
    if (part === '+') return '+-';
    const base64 = Buffer.from(part, 'utf16le').swap16().toString('base64');
    return `+${base64.replace(/=+$/, '')}-`;
  });
}

function toHz(text: string): string {
  return text.replaceAll(/[^\0-\u007f]+/g, (part) => {
    const bytes = Array.from(encodeText(part, 'gb18030'), (byte) => byte & 0x7f);
    return `~{${String.fromCharCode(...bytes)}~}`;
  });
}

const line = (prompt: string): string =>
  `${JSON.stringify({
    custom_id: '2',
    method: 'POST',
    url: '/v1/images/generations',
    body: { prompt },
  })}\n`;

describe.each<[string, string, string]>([
  ['UTF-7', toUtf7('Ein Mädchen im Wald'), 'M+AOQ-dchen" would mean "Mädchen'],
  ['UTF-7', toUtf7('A sailor’s boat'), 'sailor+IBk-s" would mean "sailor’s'],
  ['UTF-7', toUtf7('朝霧の舟'), '"朝霧の舟"'],
  ['UTF-7', toUtf7('아침 안개 속의 작은 배'), '"아침"'],
  ['UTF-7', toUtf7('Лодка в тумане'), '"Лодка"'],
  ['UTF-7', toUtf7('A boat 🚀 1+1'), '"🚀"'],
  ['UTF-7', '+AGE- boat', '"+AGE-" would mean "a"'],
  ['UTF-7', 'caf+AOk', '"café"'], // the end of the cell ends it, too
  ['HZ-GB-2312', toHz('一只小船在晨雾中'), '"一只小船在晨雾中"'],
  ['HZ-GB-2312', toHz('A boat ~~ 小船'), '"小船"'],
])('%s: %s', (encoding, prompt, shown) => {
  test('is refused in CSV, at its row', async () => {
    const { status, problems } = await readCsv(`prompt,id\nA barn,1\n${prompt},2\n`);
    expect(status).toBe('refused');
    expect(brief(problems)).toEqual(['2 - invalid_encoding']);
    expect(problems[0]?.message).toContain(`The file reads as ${encoding}`);
    expect(problems[0]?.message).toContain(shown);
  });

  test('is refused in JSONL, at its line', async () => {
    const { problems } = await readJsonl(line('A barn').replace('2', '1') + line(prompt));
    expect(problems).toMatchObject([{ code: 'invalid_encoding', row: 2, scope: 'file' }]);
    expect(problems[0]?.message).toContain(shown);
  });

  test('is read as it stands when the caller says that it is UTF-8', async () => {
    const content = `id,prompt\n1,"${prompt}"\n`;
    const { rows, problems } = await readCsv(content, { encoding: 'utf-8' });
    expect(problems).toEqual([]);
    expect(rows[0]?.request.prompt).toBe(prompt);
    const lines = await readJsonl(line(prompt), { encoding: 'utf-8' });
    expect(lines.rows[0]?.request.prompt).toBe(prompt);
  });

  test('is found while the rows are read, at any split of the file', async () => {
    const content = Buffer.from(`prompt,id\nA barn,1\n${prompt},2\n`);
    for (let cut = 1; cut < content.length; cut += 1) {
      const table = await openCsv(bytesOf(content, [cut]), { isTentative: true });
      await expect(readAll(table)).rejects.toThrow(EncodingNotConfirmed);
    }
  });
});

test.each([
  'C++ and 1+1',
  'red+blue-green',
  'cat+sunlight',
  'sun+moon+stars',
  'women+AGE-30',
  '+44-20-7946-0958',
  'a+b',
  'name+tag@example.com',
  'big+API-like',
  'x+Ado',
  'T+Rex',
  'salt+pepper-mill',
  '~5 minutes',
  '~/pictures',
  '{~{name}~}',
  '~{ab~}',
  '~{names}~}',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA',
])('%s is ASCII', async (prompt) => {
  for (const content of [`prompt,id\n"${prompt}",1\n`, `id,prompt\n1,"${prompt}"`]) {
    const { rows, problems } = await readCsv(content, { delimiter: ',' });
    expect(problems).toEqual([]);
    expect(rows[0]?.request.prompt).toContain(prompt.split(',')[0]);
  }
  expect((await readJsonl(line(prompt))).problems).toEqual([]);
});

test('one sign that is no escape shows that the file is ASCII', async () => {
  const { problems } = await readCsv('prompt,id\nM+AOQ-dchen,1\nC++,2\n');
  expect(problems).toEqual([]);
});

test('a file with other characters of UTF-8 is UTF-8', async () => {
  const { problems } = await readCsv('prompt,id\nM+AOQ-dchen,1\nMädchen,2\n');
  expect(problems).toEqual([]);
});
