/** Files that do not say their encoding are read rightly or refused, and never read wrongly. */
import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import { describe, expect, test } from 'vitest';
import { encodedFiles } from '../../../../bench/data/encoded-files.ts';
import { bytesOf, readAll, readCsv, readJsonl } from '../table-rig.ts';
import { encodeText } from './encode-text.ts';

const usualEncodings = /^(utf|windows-125[12]$|shift_jis|euc|gb18030|big5|iso-2022)/;

/** `npm run bench -- encodings` reads more files of the same kind. */
const sample = [...encodedFiles(1, 20)].filter(({ rows }) => rows <= 3);

test.each(sample)('$language in $encoding, $rows rows', async (file) => {
  const { status, rows, problems } = await readCsv(file.bytes);
  if (status === 'refused') {
    expect(problems.map(({ code }) => code)).toEqual(['invalid_encoding']);
    expect(file.rows < 3 || !usualEncodings.test(file.encoding)).toBe(true);
  } else {
    expect(rows.map(({ request }) => request.prompt)).toEqual(file.prompts);
  }
});

describe('single values', () => {
  const prompts: [encoding: Parameters<typeof encodeText>[1], prompt: string][] = [
    ['windows-1252', 'A sailor’s boat'],
    ['windows-1252', 'Ein Mädchen im Wald'],
    ['gb18030', '一只小船在晨雾中'],
    ['euc-kr', '아침 안개 속의 작은 배'],
    ['iso-2022-jp', '朝霧の舟'],
    ['windows-1251', 'Лодка в тумане'],
    ['koi8-r', 'Объёмный подъезд, зелёная дверь'],
    ['big5', '晨霧中的一艘小船'],
  ];
  test.each(prompts)('%s: %s', async (encoding, prompt) => {
    const bytes = encodeText(`custom_id,prompt\r\n1,"${prompt}"\r\n`, encoding);
    const table = await openCsv(bytesOf(bytes));
    const { summary, rows } = await readAll(table);
    expect([summary?.encoding, rows[0]?.request.prompt]).toEqual([encoding, prompt]);
    if (table.status === 'opened')
      expect(table.notes.list().map(({ code }) => code)).toEqual(['judged_encoding']);
  });
});

describe('refused, with the row and what to do', () => {
  const refusals: [name: string, bytes: Buffer, row: number, message: RegExp][] = [
    [
      'UTF-8 with one wrong byte',
      Buffer.from(
        'custom_id,prompt\n1,A boat\n2,A caf\u00e9 table\n3,A cr\u00c3\u00a8me boat\n',
        'latin1',
      ),
      2,
      /^Byte 0xE9 \(number 34 of the file\) in row 2 is not valid utf-8: "2,A caf\ufffd table"/,
    ],
    [
      'Japanese UTF-8 that was cut',
      Buffer.from('custom_id,prompt\n1,朝霧の小舟\n2,古い灯台').subarray(0, -1),
      2,
      /^Byte 0xE5 .* in row 2 is not valid utf-8/,
    ],
    [
      'two files of different encodings, joined',
      Buffer.concat([
        encodeText('custom_id,prompt\n1,Ein Mädchen\n2,Der müde Bäcker\n', 'windows-1252'),
        Buffer.from('3,Eine grüne Tür\n'),
      ]),
      1,
      /^Byte 0xE4 .* in row 1 is not valid utf-8: "1,Ein M\ufffddchen"/,
    ],
    [
      'a word that is one in two encodings',
      encodeText('custom_id,prompt\n1,A boat\n2,koń\n', 'windows-1250'),
      2,
      /row 2 reads "2,ko\S+" in \S+, and "2,ko\S+" in \S+\. Name the encoding in `encoding`/,
    ],
    [
      'a code page of DOS',
      Buffer.from('custom_id,prompt\n1,Ein M\u0084dchen\n2,Der m\u0081de B\u0084cker\n', 'latin1'),
      1,
      /code page \d+ of DOS, which Kiln does not read; row 1 is "1,Ein Mädchen"/,
    ],
  ];
  test.each(refusals)('%s', async (_, bytes, row, message) => {
    const { status, problems } = await readCsv(bytes);
    expect([status, problems.map((problem) => [problem.code, problem.row])]).toEqual([
      'refused',
      [['invalid_encoding', row]],
    ]);
    expect(problems[0]?.message).toMatch(message);
  });

  test.each([
    ['UTF-32', Buffer.from('fffe000070000000', 'hex'), /UTF-32/],
    ['ISO-2022-KR', Buffer.from('\u001b$)Cprompt\n\u000e!!\u000f\n', 'latin1'), /ISO-2022/],
    ['EBCDIC', Buffer.from('97999694973599828196a335', 'hex'), /invalid|not valid|Nothing says/],
  ])('%s', async (_, bytes, message) => {
    const { status, problems } = await readCsv(bytes);
    expect([status, problems[0]?.code]).toEqual(['refused', 'invalid_encoding']);
    expect(problems[0]?.message).toMatch(message);
  });
});

describe('a declared encoding', () => {
  const text = 'custom_id,prompt\n1,Ein Mädchen im Café\n';

  test('that the file contradicts is refused', async () => {
    const { status, problems } = await readCsv(text, { encoding: 'windows-1252' });
    expect([status, problems[0]?.row]).toEqual(['refused', 1]);
    expect(problems[0]?.message).toContain(
      'says windows-1252, but the file is UTF-8: row 1 would read "1,Ein MÃ¤dchen im CafÃ©" ' +
        'instead of "1,Ein Mädchen im Café"',
    );
  });

  test('yields to a byte order mark', async () => {
    const { summary, rows } = await readCsv(`\ufeff${text}`, { encoding: 'windows-1252' });
    expect([summary?.encoding, rows[0]?.request.prompt]).toEqual(['utf-8', 'Ein Mädchen im Café']);
  });

  test('decides where two are possible', async () => {
    const bytes = encodeText('custom_id,prompt\n1,koń\n', 'windows-1250');
    const { rows } = await readCsv(bytes, { encoding: 'windows-1250' });
    expect(rows[0]?.request.prompt).toBe('koń');
  });
});

test('UTF-16 of letters that are not ASCII is read without a byte order mark', async () => {
  for (const encoding of ['utf-16le', 'utf-16be'] as const) {
    const bytes = encodeText('custom_id,prompt\n1,Девушка с яблоками\n', encoding);
    const { summary, rows } = await readCsv(bytes);
    expect([summary?.encoding, rows[0]?.request.prompt]).toEqual([encoding, 'Девушка с яблоками']);
  }
});

test('a large file is judged by its rare bytes, too', async () => {
  const endings = Array.from('abdeghiklmnoprstuwz');
  const words = endings.flatMap((a) => endings.flatMap((b) => [`Bäume${a}${b}`, `Küche${a}${b}`]));
  const rows = words.map((word, row) => `${row},Ein ${word}\r\n`);
  const bytes = encodeText(`custom_id,prompt\r\n${rows.join('')}x,El niño\r\n`, 'windows-1252');
  const read = await readCsv(bytes);
  expect([read.summary?.encoding, read.rows.at(-1)?.request.prompt]).toEqual([
    'windows-1252',
    'El niño',
  ]);
});

describe('JSONL', () => {
  const line = (prompt: string): string => {
    const [method, url] = ['POST', '/v1/images/generations'];
    return `${JSON.stringify({ custom_id: '1', method, url, body: { prompt } })}\r\n`;
  };
  const text = line('A café in 朝霧');

  test.each(['utf-8', 'utf-16le', 'utf-16be'] as const)('%s is read', async (encoding) => {
    for (const mark of ['', '\ufeff']) {
      const { summary, rows } = await readJsonl(encodeText(mark + text, encoding));
      expect([summary?.encoding, rows[0]?.request.prompt]).toEqual([encoding, 'A café in 朝霧']);
    }
  });

  test('another encoding is read when it is declared', async () => {
    const bytes = encodeText(line('朝霧の舟'), 'shift_jis');
    const { rows } = await readJsonl(bytes, { encoding: 'shift_jis' });
    expect(rows[0]?.request.prompt).toBe('朝霧の舟');
  });

  test('a line that is not UTF-8 names the byte', async () => {
    const bytes = encodeText(line('A boat') + line('A café'), 'windows-1252');
    const { problems, rows } = await readJsonl(bytes);
    expect(rows.map(({ status }) => status)).toEqual(['valid', 'invalid']);
    expect(problems[0]).toMatchObject({ row: 2, code: 'invalid_encoding' });
    expect(problems[0]?.message).toMatch(/byte 0xE9 at position \d+, after ".*A caf"/);
  });
});
