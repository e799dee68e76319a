/** Images are extracted from an answer that arrives in pieces, however it is cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64 } from '../../../../packages/shared/src/provider/answer/base64-decoder.ts';
import { extractBase64Images } from '../../../../packages/shared/src/provider/answer/extract-base64-images.ts';
import { hashed } from '../../../support/pictures/pictures.ts';

/** Cuts the text at the given offsets, repeatedly. */
async function* pieces(body: string, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(body);
  let start = 0;
  for (let count = 0; start < bytes.length; count += 1) {
    const length = Math.max(1, cuts[count % Math.max(1, cuts.length)] ?? bytes.length);
    yield await Promise.resolve(Uint8Array.from(bytes.subarray(start, (start += length))));
  }
}

/** @param bodyBytes the declared length of the answer, right or wrong */
async function extract(
  body: string,
  cuts: readonly number[] = [],
  bodyBytes: number | null = null,
) {
  const { rest, take } = extractBase64Images(pieces(body, cuts), bodyBytes);
  const chunks: Uint8Array[] = [];
  for await (const chunk of rest) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), take };
}

const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
/**
 * As long as the image, and a kilobyte, which is sometimes too short for the decoder's first
 * buffer.
 */
const picture = fc.uint8Array({ maxLength: 300 });

test('every image is extracted byte for byte, and everything else is unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(picture, { minLength: 1, maxLength: 4 }),
      fc.string(),
      cuts,
      fc.option(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 2 ** 31 }))),
      async (all, prompt, at, bodyBytes) => {
        const answer = {
          revised_prompt: `${prompt} "b64_json":"AAAA" \\`,
          data: all.map((bytes) => ({
            b64_json: Buffer.from(bytes).toString('base64'),
            b64_jso: prompt,
          })),
          usage: { b64_json: null, output_tokens: 3 },
        };
        const { text, take } = await extract(JSON.stringify(answer, null, at[0]), at, bodyBytes);
        const rest = JSON.parse(text) as typeof answer;
        expect({ ...rest, data: [] }).toEqual({ ...answer, data: [] });
        for (const [index, bytes] of all.entries()) {
          expect(rest.data[index]?.b64_jso).toBe(prompt);
          const taken = take(rest.data[index]?.b64_json ?? '');
          // Empty base64 gives no image, as when the whole text is decoded.
          expect(taken && { ...taken, bytes: Buffer.from(taken.bytes) }).toEqual(
            bytes.length === 0 ? null : hashed(Buffer.from(bytes)),
          );
        }
      },
    ),
  );
});

test('an image is extracted from many pieces', async () => {
  const bytes = Buffer.alloc(5_000_001, 'boat');
  const { text, take } = await extract(
    `{"b64_json" :\n "${bytes.toString('base64')}"}`,
    [65_536, 1, 7],
  );
  expect(text).toBe('{"b64_json" :\n "#0"}');
  expect(Buffer.from(take('#0')?.bytes ?? []).equals(bytes)).toBe(true);
  // The image can be taken only once, so that two copies are never held.
  expect(take('#0')).toBeNull();
});

test('an image that outgrows its buffer stays the same, wherever its text was cut', async () => {
  for (const length of [3, 6, 7, 60, 3_000])
    for (const at of [1, 2, 3, 5, 17])
      for (const bodyBytes of [1, 4, 8, 80]) {
        const bytes = Buffer.alloc(length, 'boat');
        const body = JSON.stringify({ b64_json: bytes.toString('base64') });
        const { take } = await extract(body, ['{"b64_json":"'.length + at, body.length], bodyBytes);
        expect(take('#0')).toEqual(hashed(bytes));
      }
});

test('an image of several megabytes of unknown length stays the same', async () => {
  const bytes = Buffer.alloc(9_000_000, 'a boat');
  for (const at of [65_537, 65_538, 65_539]) {
    const { take } = await extract(JSON.stringify({ b64_json: bytes.toString('base64') }), [at]);
    const picture = take('#0');
    expect(Buffer.from(picture?.bytes ?? []).equals(bytes)).toBe(true);
    expect(picture?.sha256).toBe(hashed(bytes).sha256);
  }
});

/** Reads `value` as the image of an answer that is cut into pieces. */
async function taken(value: string, at: readonly number[]): Promise<Buffer | null> {
  const { text, take } = await extract(JSON.stringify({ b64_json: value }), at);
  const picture = take((JSON.parse(text) as { b64_json: string }).b64_json);
  return picture && Buffer.from(picture.bytes);
}

const whole = (value: string) => {
  const picture = decodeBase64(value);
  return picture && Buffer.from(picture.bytes);
};

describe('text that is not base64 gives no image', () => {
  test.each([
    '',
    'A',
    'AA=A',
    '====',
    'AB==CD==',
    'AAAA%AAA',
    'ÄAAA',
    '#0',
    'data:image/png,AAAA',
    'data:image/png;base64',
    'https://example.com/a.png',
  ])('%j', async (value) => {
    for (const at of [[], [1], [3], [5, 2]]) expect(await taken(value, at)).toBeNull();
    expect(whole(value)).toBeNull();
  });

  test('a single wrong character makes it invalid', async () => {
    const wrong = fc.constantFrom('"', '.', 'é', '%', ':', '\\');
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 3, maxLength: 60 }),
        fc.nat(),
        wrong,
        cuts,
        async (bytes, position, character, at) => {
          const text = Buffer.from(bytes).toString('base64');
          const index = position % text.length;
          expect(await taken(text.slice(0, index) + character + text.slice(index), at)).toBeNull();
        },
      ),
    );
  });
});

describe('spellings of base64 that are all read', () => {
  const spellings: [name: string, spell: (text: string) => string][] = [
    ['without padding', (text) => text.replace(/=+$/, '')],
    ['in the URL alphabet', (text) => text.replaceAll('+', '-').replaceAll('/', '_')],
    ['with a data: prefix', (text) => `data:image/png;base64,${text}`],
    ['with a long data: prefix', (text) => ` DATA:image/png;name=a.png; BASE64 ,${text}`],
    ['with line breaks', (text) => text.replaceAll(/(.{1,7})/g, '$1\r\n')],
    ['with spaces and tabs around', (text) => ` \t${text}\n `],
    ['with NUL', (text) => `${text.slice(0, 2)}\0${text.slice(2)}\0`],
  ];

  test.each(spellings)('%s', async (_name, spell) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), cuts, async (bytes, at) => {
        const value = spell(Buffer.from(bytes).toString('base64'));
        expect(await taken(value, at)).toEqual(Buffer.from(bytes));
        expect(whole(value)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('any text gives the same in pieces as whole', async () => {
    const likely = fc.string({
      unit: fc.constantFrom('A', 'z', '9', '+', '/', '=', '-', '"', '\\', '\n', 'é', ' '),
    });
    await fc.assert(
      fc.asyncProperty(likely, cuts, async (value, at) => {
        expect(await taken(value, at)).toEqual(whole(value));
      }),
    );
  });
});

test('an image in a data: address is extracted, another address is not', async () => {
  const other = 'https://example.com/"b64_json":"AAAA"';
  const { text, take } = await extract(
    JSON.stringify({ data: [{ url: 'data:image/png;base64,AAAA' }, { url: other }] }),
    [1],
  );
  expect(JSON.parse(text)).toEqual({ data: [{ url: '#0' }, { url: other }] });
  expect(take('#0')).toEqual(hashed(Buffer.alloc(3)));
});

describe('escaped characters are decoded', () => {
  const toHex = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');
  const encoders: [who: string, escaped: RegExp, write: (character: string) => string][] = [
    ['slashes, by PHP', /\//g, () => String.raw`\/`],
    ['plus signs, by .NET', /\+/g, () => String.raw`\u002B`],
    ['the padding, by Gson', /=/g, () => String.raw`\u003d`],
    ['every character', /./g, (character) => String.raw`\u${toHex(character)}`],
  ];

  test.each(encoders)('%s', async (_who, escaped, write) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), cuts, async (bytes, at) => {
        const value = Buffer.from(bytes).toString('base64').replaceAll(escaped, write);
        const { text, take } = await extract(`{"b64_json":"${value}","n":1}`, at);
        expect(text).toBe('{"b64_json":"#0","n":1}');
        expect(Buffer.from(take('#0')?.bytes ?? [])).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([
    String.raw`AAA\u0022`,
    String.raw`AAA\u00e4`,
    String.raw`AAA\u0141`,
    String.raw`\\/AA`,
  ])('an escape that does not give base64 makes no image: %s', async (value) => {
    for (const at of [[], [1], [17, 1]]) {
      const { text, take } = await extract(`{"b64_json":"${value}","n":1}`, at);
      expect([text, take('#0')]).toEqual(['{"b64_json":"#0","n":1}', null]);
    }
  });
});

test('an escaped key is read as well', async () => {
  const { text, take } = await extract(String.raw`{"b64\u005fjson":"AAAA"}`);
  const { b64_json: value } = JSON.parse(text) as { b64_json: string };
  expect(take(value)).toEqual(hashed(Buffer.alloc(3)));
});

test('a complete event is passed on before the next piece arrives', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* twoPieces() {
    yield Buffer.from('data: {"b64_json":"AAAA"}\n\n');
    await promise;
    yield Buffer.from('data: 2\n\n');
  }
  let text = '';
  for await (const chunk of extractBase64Images(twoPieces()).rest) {
    text += Buffer.from(chunk).toString();
    if (text === 'data: {"b64_json":"#0"}\n\n') resolve();
  }
  expect(text).toBe('data: {"b64_json":"#0"}\n\ndata: 2\n\n');
});

test('an answer that ends inside an image has none', async () => {
  const { text, take } = await extract('{"data":[{"b64_json":"AAAA', [6]);
  expect(text).toBe('{"data":[{"b64_json":"#0');
  expect(take('#0')).toBeNull();
});

test('more pictures than any real answer has are an error', async () => {
  const many = JSON.stringify(Array.from({ length: 501 }, () => ({ b64_json: 'AAAA' })));
  await expect(extract(many)).rejects.toThrow('the answer has more than 500 pictures');
});

test('an endless image is an error and is not held', async () => {
  async function* endless() {
    yield Buffer.from('{"b64_json":"');
    for (;;) yield await Promise.resolve(Buffer.alloc(4_000_000, 'A'));
  }
  const read = async () => {
    for await (const _ of extractBase64Images(endless()).rest);
  };
  await expect(read()).rejects.toThrow('a picture of the answer is longer than 50331648 bytes');
});
