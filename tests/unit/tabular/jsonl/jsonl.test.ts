import { openJsonl } from '@kiln/shared/tabular/jsonl/open-jsonl';
import fc from 'fast-check';
import { isUtf8 } from 'node:buffer';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { brief, bytesOf, readAll, readJsonl } from '../table-rig.ts';

vi.setConfig({ testTimeout: 60_000 });

const url = '/v1/images/generations';
const line = (fields: object): string =>
  JSON.stringify({ custom_id: 'a', method: 'POST', url, body: { prompt: 'A boat' }, ...fields });

test('lines in the format of OpenAI are read', async () => {
  const body = {
    prompt: 'A boat 髙',
    model: 'gpt-image-2',
    n: 2,
    size: '1024x1024',
    user: 'u',
    response_format: 'b64_json',
  };
  const { rows, problems } = await readJsonl(
    `\ufeff${line({ body })}\r\n\n  \n${line({ custom_id: 'b' })}`,
    {
      defaults: { model: 'gpt-image-1-mini', metadata: { shop: 'x' } },
    },
  );
  expect(problems).toEqual([]);
  const { response_format: format, ...request } = body;
  expect(rows[0]).toMatchObject({ status: 'valid', row: 1, customId: 'a', responseFormat: format });
  expect(rows[0]?.request).toEqual({ ...request, metadata: { shop: 'x' } });
  expect(rows[1]).toMatchObject({
    row: 4,
    customId: 'b',
    request: { prompt: 'A boat', model: 'gpt-image-1-mini' },
  });
});

describe('mistakes', () => {
  test.each<[string, string[]]>([
    ['{"custom_id":"a",}', ['1 - invalid_json_line']],
    ['[1]', ['1 - invalid_json_line']],
    ['null', ['1 - invalid_json_line']],
    [
      '{}',
      ['1 custom_id', '1 method', '1 url', '1 body'].map(
        (place) => `${place} missing_required_parameter`,
      ),
    ],
    [line({ custom_id: '' }), ['1 custom_id missing_required_parameter']],
    [line({ custom_id: 7 }), ['1 custom_id invalid_value']],
    [line({ custom_id: 'x'.repeat(257) }), ['1 custom_id invalid_value']],
    [line({ method: 'GET' }), ['1 method invalid_method']],
    [line({ url: '/v1/chat/completions' }), ['1 url invalid_url']],
    [line({ url: ['/v1/images/generations'] }), ['1 url invalid_url']],
    [line({ body: 'A boat' }), ['1 body invalid_value']],
    [line({ body: null }), ['1 body invalid_value']],
    [line({ body: {} }), ['1 body.prompt missing_required_parameter']],
    [
      line({ body: { prompt: 'a', n: '2', sise: 'auto' } }),
      ['1 body.n invalid_value', '1 body.sise unknown_parameter'],
    ],
    [line({ body: { prompt: 'a', constructor: 1 } }), ['1 body.constructor unknown_parameter']],
    [
      line({ body: { prompt: 'a', response_format: 'xml' } }),
      ['1 body.response_format invalid_value'],
    ],
    [line({ body: { prompt: 'a', image: 'x' } }), ['1 body.image unknown_parameter']],
    [
      '{"custom_id":"a","method":"POST","url":"/v1/images/generations","body":{"prompt":"a","__proto__":{"n":1}}}',
      ['1 - invalid_value'],
    ],
    [
      line({
        body: {
          prompt: 'a',
          provider_options: { a: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown },
        },
      }),
      ['1 - invalid_value'],
    ],
    ['['.repeat(500_000), ['1 - invalid_value']],
    [
      line({ body: { prompt: 'a', provider_options: { a: Array(9_995).fill(0) } } }),
      ['1 - invalid_value'],
    ],
    [`{"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`, ['1 - invalid_value']],
  ])('%.60s', async (text, expected) => {
    const { problems, rows } = await readJsonl(text);
    expect(brief(problems)).toEqual(expected);
    expect(rows.map(({ status }) => status)).toEqual(['invalid']);
  });

  test('invalid JSON is reported with its position', async () => {
    const { problems } = await readJsonl('{"custom_id": tru}');
    expect(problems[0]?.message).toBe(
      'The line is not JSON: at character 15, "tru}" is unexpected',
    );
    expect((await readJsonl('{"custom_id": "a"')).problems[0]?.message).toBe(
      'The line is not JSON: at character 18, the line ends too early',
    );
  });

  test('the line after an invalid one is read', async () => {
    const content = Buffer.concat([
      Buffer.from(`${line({})}\n{"broken\n`),
      Buffer.of(0x22, 0xff, 0x22, 0x0a),
      Buffer.from(`"${'x'.repeat(1_100_000)}"\n${line({ custom_id: 'b' })}\n${line({})}\n`),
    ]);
    const { rows, problems } = await readJsonl(content);
    expect(brief(problems)).toEqual([
      '2 - invalid_json_line',
      '3 - invalid_encoding',
      '4 - record_too_long',
      '6 custom_id duplicate_custom_id',
    ]);
    expect(problems.map(({ scope }) => scope)).toEqual(Array(4).fill('row'));
    expect(rows.map(({ row, status }) => [row, status])).toEqual([
      [1, 'valid'],
      [2, 'invalid'],
      [3, 'invalid'],
      [4, 'invalid'],
      [5, 'valid'],
      [6, 'invalid'],
    ]);
    expect((await readJsonl(content, {}, 4)).rows).toEqual(rows.slice(4));
  });

  test('a file without lines and a file with too many are refused', async () => {
    expect(brief((await readJsonl('\n \n')).problems)).toEqual(['- - empty_file']);
    const { rows, problems } = await readJsonl(`${line({})}\n\n${line({ custom_id: 'b' })}`, {
      limits: { rows: 1 },
    });
    expect(rows).toHaveLength(1);
    expect(brief(problems)).toEqual(['3 - too_many_tasks']);
  });
});

describe('edits', () => {
  const endpoint = '/v1/images/edits';
  const read = async (body: object) =>
    await readJsonl(line({ url: endpoint, body: { prompt: 'a', ...body } }), { endpoint });

  test.each([
    [
      { images: [{ file_id: 'file-1' }, { image_url: 'data:image/png;base64,AA==' }] },
      ['file-1', 'data:image/png;base64,AA=='],
    ],
    [{ image: { file_id: 'file-1' } }, ['file-1']],
    [{ image: 'cat.png' }, ['cat.png']],
  ])('%j', async (body, images) => {
    const { rows, problems } = await read({ ...body, mask: { file_id: 'file-m' } });
    expect(problems).toEqual([]);
    expect(rows[0]).toMatchObject({
      request: { prompt: 'a' },
      references: { images, mask: 'file-m' },
    });
  });

  test.each([
    [{}, '1 body.images missing_required_parameter'],
    [{ images: [] }, '1 body.images missing_required_parameter'],
    [{ images: [{}] }, '1 body.images invalid_value'],
    [{ images: [{ file_id: 'a', image_url: 'b' }] }, '1 body.images invalid_value'],
    [{ images: Array(17).fill('a') }, '1 body.images invalid_value'],
    [{ images: 'a', mask: 7 }, '1 body.mask invalid_value'],
  ])('%j', async (body, expected) => {
    expect(brief((await read(body)).problems)).toEqual([expected]);
  });
});

test('the file may be split into any pieces', async () => {
  const content = Buffer.from(`\ufeff${line({})}\r\n{"x\r\n\r\n${line({ custom_id: '髙' })}\n`);
  const whole = await readJsonl(content);
  expect(whole.rows).toHaveLength(3);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(content.length), { maxLength: 30 }), async (cuts) => {
      expect(await readAll(await openJsonl(bytesOf(content, cuts), { endpoint: url }))).toEqual(
        whole,
      );
    }),
  );
});

describe('the first wrong byte of a line that is not UTF-8 is named', () => {
  const place = async (bytes: Uint8Array): Promise<string | undefined> => {
    const { problems } = await readJsonl(Buffer.concat([Buffer.from(`${line({})}\n`), bytes]));
    expect(problems[0]).toMatchObject({ row: 2, code: 'invalid_encoding' });
    return /byte (0x.. at position \d+)/.exec(problems[0]?.message ?? '')?.[1];
  };
  /** Everything before the byte is UTF-8, and nothing longer is. */
  const expected = (bytes: Buffer): string => {
    let at = bytes.length;
    while (!isUtf8(bytes.subarray(0, at))) at -= 1;
    return `0x${bytes[at]?.toString(16).toUpperCase().padStart(2, '0')} at position ${at + 1}`;
  };

  test('wherever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 60 }),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constantFrom([0xff], [0x80], [0xe3, 0x81], [0xc3], [0xf0, 0x9f, 0x98], [0x80, 0x80]),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        async (begin, before, wrong, after) => {
          const text = (part: string) =>
            Buffer.from(part.replaceAll(/\p{Cc}/gu, '').toWellFormed());
          const bytes = Buffer.concat([
            Buffer.from('x'),
            text(begin + before),
            Buffer.from(wrong),
            Buffer.from('!'),
            text(after),
          ]);
          expect(await place(bytes)).toBe(expected(bytes));
        },
      ),
    );
  });

  test('behind a byte order mark', async () => {
    const { problems } = await readJsonl(Buffer.from('\xef\xbb\xbf{"a": "caf\xe9"}', 'latin1'));
    expect(problems[0]?.message).toMatch(/byte 0xE9 at position 14, after ".*caf"/);
  });

  test('without looking at each of a million characters', async () => {
    const decode = vi.spyOn(TextDecoder.prototype, 'decode');
    onTestFinished(() => decode.mockRestore());
    const bytes = Buffer.concat([Buffer.from('舟'.repeat(300_000)), Buffer.from([0xff])]);
    expect(await place(bytes)).toBe('0xFF at position 900001');
    expect(decode.mock.calls.length).toBeLessThan(1_000);
  });
});
