import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import { findTextEncoding } from '@kiln/shared/domain/text/text-encodings';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { encodeText } from './encode-text.ts';
import { brief, bytesOf, readAll, readCsv } from '../table-rig.ts';

vi.setConfig({ testTimeout: 60_000 });

const labels = ['utf-8', 'utf-16le', 'utf-16be', 'shift_jis', 'euc-jp'] as const;
const text =
  'プロンプト,ID,季節,n\r\n"髙島屋の包装紙、①番の色見本, 薔薇",a-1,春,2\r\n"二行の\r\nプロンプト ' +
  '""引用""",a-2,秋,\r\n{{季節}}の森,a-3,冬,１\r\n';
const read = await readCsv(text);

test('UTF-8 is read', () => {
  expect(read.problems).toEqual([]);
  expect(read.rows.map(({ request }) => request)).toEqual([
    { prompt: '髙島屋の包装紙、①番の色見本, 薔薇', n: 2, metadata: { 季節: '春' } },
    { prompt: '二行の\r\nプロンプト "引用"', metadata: { 季節: '秋' } },
    { prompt: '冬の森', n: 1, metadata: { 季節: '冬' } },
  ]);
});

describe.each(labels)('%s', (label) => {
  const bytes = encodeText(text, label);

  test('is detected without a byte order mark and gives the same rows', async () => {
    const { summary, rows } = await readCsv(bytes);
    expect(summary).toMatchObject({ encoding: label, bom: false, delimiter: ',' });
    expect(rows).toEqual(read.rows);
  });

  test('gives the same rows when the caller names it', async () => {
    expect((await readCsv(bytes, { encoding: label })).rows).toEqual(read.rows);
  });

  test('may be split at any byte', async () => {
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(await readAll(await openCsv(bytesOf(bytes, [cut])))).toMatchObject({
        rows: read.rows,
      });
    }
    expect(await readAll(await openCsv(bytesOf(bytes, 1)))).toMatchObject({ rows: read.rows });
  });

  test('may be split into any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        expect(await readAll(await openCsv(bytesOf(bytes, cuts)))).toMatchObject({
          rows: read.rows,
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe.each(['utf-8', 'utf-16le', 'utf-16be'] as const)('%s with a byte order mark', (label) => {
  test('is detected', async () => {
    const { summary, rows } = await readCsv(encodeText(`\ufeff${text}`, label));
    expect(summary).toMatchObject({ encoding: label, bom: true });
    expect(rows).toEqual(read.rows);
  });
});

describe('detection', () => {
  const filler = 'ascii only,x\n'.repeat(20_000);

  test('UTF-8 that is also valid CP932 is UTF-8', async () => {
    const content = 'prompt,id\ncafé é,1\n';
    expect(() =>
      new TextDecoder('shift_jis', { fatal: true }).decode(Buffer.from(content)),
    ).not.toThrow();
    const { summary, rows } = await readCsv(content);
    expect(summary?.encoding).toBe('utf-8');
    expect(rows[0]?.request.prompt).toBe('café é');
  });

  test('hiragana in EUC-JP that is also valid CP932 is EUC-JP', async () => {
    const bytes = encodeText('prompt,id\nむかしむかしあるところに,1\n', 'euc-jp');
    expect((await readCsv(bytes)).summary?.encoding).toBe('euc-jp');
  });

  test('half-width katakana in CP932 is CP932', async () => {
    const { summary, rows } = await readCsv(
      encodeText('prompt,id\nﾃｽﾄｶﾞｿﾞｳﾃﾞｽ,1\nｱｵｲｿﾗﾄﾌﾈ,2\nﾔﾏﾉｳｴﾉﾂｷ,3\n', 'shift_jis'),
    );
    expect(summary?.encoding).toBe('shift_jis');
    expect(rows[0]?.request.prompt).toBe('ﾃｽﾄｶﾞｿﾞｳﾃﾞｽ');
  });

  test.each(['shift_jis', 'euc-jp'] as const)(
    '%s after a long beginning in ASCII is detected',
    async (label) => {
      const bytes = encodeText(`prompt,id\n${filler}富士山と桜の浮世絵をかいて,2\n`, label);
      let opened = 0;
      const open = bytesOf(bytes);
      const table = await openCsv(() => {
        opened += 1;
        return open();
      });
      expect(opened).toBe(3);
      const { summary, rows } = await readAll(table);
      expect(summary?.encoding).toBe(label);
      expect(rows.at(-1)?.request.prompt).toBe('富士山と桜の浮世絵をかいて');
    },
  );

  test('reads a UTF-8 file once', async () => {
    let opened = 0;
    await openCsv(() => {
      opened += 1;
      return bytesOf(text)();
    });
    expect(opened).toBe(1);
  });

  test('an invalid byte at the very end is found before the first row', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`prompt,id\n日本語,1\n${filler}x`),
      Buffer.of(0xff, 0x0a),
    ]);
    const { status, problems } = await readCsv(bytes);
    expect(status).toBe('refused');
    expect(brief(problems)).toEqual(['20002 - invalid_encoding']);
    expect(problems[0]?.message).toContain('yte 0xFF');
  });

  test.each(['utf-16le', 'utf-16be'] as const)(
    'ASCII in %s without a byte order mark is detected',
    async (label) => {
      const { summary, rows } = await readCsv(encodeText('prompt,id\nA boat,1\n', label));
      expect([summary?.encoding, rows[0]?.request.prompt]).toEqual([label, 'A boat']);
    },
  );

  test('UTF-8 with a few NULs is not taken for UTF-16', async () => {
    const { summary } = await readCsv(`prompt,id\n${'A boat\0,1\n'.repeat(40)}`);
    expect(summary?.encoding).toBe('utf-8');
  });

  test('the byte order mark decides between the two UTF-16', async () => {
    const { rows } = await readCsv(encodeText(`\ufeff${text}`, 'utf-16be'), {
      encoding: 'utf-16le',
    });
    expect(rows).toEqual(read.rows);
  });

  test('an error of the source is thrown', async () => {
    const cause = new Error('the store is away');
    // oxlint-disable-next-line require-yield
    const open = async function* open(): AsyncGenerator<Uint8Array> {
      await Promise.reject(cause);
    };
    await expect(openCsv(open)).rejects.toBe(cause);
  });

  test('a file that is invalid in the encoding of the caller is refused', async () => {
    const { status, problems } = await readCsv(encodeText(text, 'shift_jis'), {
      encoding: 'utf-8',
    });
    expect(status).toBe('refused');
    expect(problems[0]?.message).toContain(
      'The file is not valid utf-8, which `encoding` says it is: byte 0x83',
    );
  });

  test('windows-1252 is read when the caller names it', async () => {
    const bytes = Buffer.from('prompt;id\nGem\u00e4lde f\u00fcr 5 \u00a3;1\n', 'latin1');
    const { rows } = await readCsv(bytes, { encoding: 'windows-1252' });
    expect(rows[0]?.request.prompt).toBe('Gemälde für 5 £');
  });

  test.each([
    ['an Excel workbook', Buffer.from('504b030414000600080000002100', 'hex')],
    ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ', 'latin1')],
    ['gzip', Buffer.from('1f8b0800', 'hex')],
    ['a PNG', Buffer.from('89504e470d0a1a0a', 'hex')],
  ])('%s is refused', async (_, bytes) => {
    expect(brief((await readCsv(bytes)).problems)).toEqual(['- - unsupported_file']);
  });

  test.each([
    ['UTF-8', 'utf-8'],
    ['utf8', 'utf-8'],
    ['UTF-16', 'utf-16le'],
    ['Shift_JIS', 'shift_jis'],
    ['CP932', 'shift_jis'],
    ['Windows-31J', 'shift_jis'],
    ['EUC-JP', 'euc-jp'],
    ['windows-1252', 'windows-1252'],
    ['klingon', undefined],
    ['constructor', undefined],
  ])('the name %s means %s', (name, encoding) => {
    expect(findTextEncoding(name)).toBe(encoding);
  });
});
