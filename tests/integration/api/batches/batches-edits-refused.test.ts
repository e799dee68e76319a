/**
 * Refused forms of batches with pictures. Making a batch and validating it give the same reason,
 * and nothing stays stored.
 */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawPicture } from '../../../support/pictures/edit-pictures.ts';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { watchOpenObjects, type OpenObjects } from '../../../support/open-objects.ts';
import { buildZip } from '../../../support/zip.ts';
import { sendForm, type Part } from './batches-support.ts';
import { countLeft } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

let kiln: TestKiln;
let png: Buffer;
let jpeg: Buffer;
let objects: OpenObjects;

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres') });
  objects = watchOpenObjects(kiln.deps.store);
  [png, jpeg] = await Promise.all([drawPicture('png'), drawPicture('jpeg')]);
});

describe('a form that is refused and leaves nothing:', () => {
  const csv = 'prompt,image\nA,a.png\n';
  const zip = (...entries: Parameters<typeof buildZip>[0]) => buildZip(entries);
  const cases: [what: string, parts: () => Part[], code: string, message: RegExp][] = [
    [
      'a form without a table',
      () => [['files', png, 'a.png']],
      'invalid_request',
      /file: is missing/,
    ],
    [
      'two tables',
      () => [
        ['file', csv, 'a.csv'],
        ['file', csv, 'b.csv'],
      ],
      'invalid_request',
      /file: received two tables/,
    ],
    [
      'a file under another name',
      () => [['picture', png, 'a.png']],
      'unknown_parameter',
      /picture: unexpected file field/,
    ],
    [
      'two pictures with one name',
      () => [
        ['files', png, 'a.png'],
        ['files', jpeg, 'a.png'],
        ['file', csv, 'a.csv'],
      ],
      'invalid_request',
      /received two pictures with the name "a.png"/,
    ],
    [
      'a file that is not a picture',
      () => [
        ['files', 'text', 'a.png'],
        ['file', csv, 'a.csv'],
      ],
      'image_format_unsupported',
      /"a.png"/,
    ],
    [
      'a damaged picture',
      () => [['files', png.subarray(0, 60), 'a.png']],
      'image_damaged',
      /"a.png"/,
    ],
    [
      'a zip that contains a text file',
      () => [
        [
          'files',
          zip({ name: 'a.png', content: png }, { name: 'b.txt', content: Buffer.from('b') }),
          'p.zip',
        ],
      ],
      'image_format_unsupported',
      /"b.txt"/,
    ],
    [
      'a zip with a path that leads out of its folder',
      () => [['files', zip({ name: '../../etc/a.png', content: png }), 'p.zip']],
      'invalid_request',
      /relative paths without "\.\."/,
    ],
    [
      'a zip whose entry is larger than it says',
      () => [['files', zip({ name: 'a.png', content: png, claimedBytes: 10 }), 'p.zip']],
      'invalid_request',
      /cannot be read/,
    ],
    [
      'a zip bomb',
      () => [
        [
          'files',
          zip({ name: 'a.png', content: Buffer.concat([png, Buffer.alloc(60_000_000)]) }),
          'p.zip',
        ],
      ],
      'file_too_large',
      /"a.png" in the zip is too large/,
    ],
    [
      'a zip whose entries share their bytes',
      () => [
        [
          'files',
          zip(
            { name: 'a.png', content: png },
            ...Array.from({ length: 20 }, (_, n) => ({
              name: `${n}.png`,
              content: png,
              sharesBytesOf: 0,
            })),
          ),
          'p.zip',
        ],
      ],
      'invalid_request',
      /holds "a.png", whose bytes are those of another entry, too/,
    ],
    [
      'a zip that unpacks to a hundred times its size',
      () => [['files', zip({ name: 'a.png', content: Buffer.alloc(2_000_000) }), 'p.zip']],
      'invalid_request',
      /unpacks to 2,000,000; a zip may unpack to at most 100 times its size/,
    ],
    [
      'a zip with too many entries',
      () => [
        [
          'files',
          zip(
            ...Array.from({ length: 3_001 }, (_, n) => ({
              name: `${n}/`,
              content: Buffer.alloc(0),
            })),
          ),
          'p.zip',
        ],
      ],
      'invalid_request',
      /3,001 entries/,
    ],
    [
      'a zip with a name that cannot be kept',
      () => [['files', zip({ name: 'a\u0000.png', content: png }), 'p.zip']],
      'invalid_request',
      /received the name "a\\u0000.png" with a control character; a name has at most 255 bytes/,
    ],
    [
      'a zip with a name that is too long',
      () => [['files', zip({ name: `${'猫'.repeat(84)}.png`, content: png }), 'p.zip']],
      'invalid_request',
      /of 256 bytes; a name has at most 255 bytes/,
    ],
    // The entry is refused by its name before its bytes are read.
    [
      'a zip with a second, damaged picture of the same name',
      () => [
        [
          'files',
          zip(
            { name: 'a.png', content: png },
            { name: 'a.png', content: png, packed: Buffer.alloc(100, 0xff) },
          ),
          'p.zip',
        ],
      ],
      'invalid_request',
      /received two pictures with the name "a.png"/,
    ],
    // A row would silently get one of the two.
    ...['./a.png', 'a.png'].map((name): (typeof cases)[number] => [
      `a picture, and another one that a zip calls ${name}`,
      () => [
        ['files', jpeg, 'a.png'],
        ['files', zip({ name, content: png }), 'p.zip'],
      ],
      'invalid_request',
      /received two pictures with the name "(\.\/)?a.png"/,
    ]),
    [
      'a zip with an umlaut of one code point in one name, and of two in another',
      () => [
        [
          'files',
          zip(...['NFC', 'NFD'].map((form) => ({ name: 'für.png'.normalize(form), content: png }))),
          'p.zip',
        ],
      ],
      'invalid_request',
      /two pictures with the name ".+" in two spellings that rows cannot tell apart/,
    ],
    [
      'a zip with a damaged picture',
      () => [
        [
          'files',
          zip({
            name: 'a.png',
            content: Buffer.concat([png, Buffer.alloc(1_000)]),
            packed: Buffer.alloc(100, 0xff),
          }),
          'p.zip',
        ],
      ],
      'invalid_request',
      /cannot be read/,
    ],
    [
      'a zip with a large file that is not a picture',
      () => [['files', zip({ name: 'a.pdf', content: randomBytes(2_000_000) }), 'p.zip']],
      'image_format_unsupported',
      /"a.pdf"/,
    ],
    [
      'a zip that is cut off',
      () => [['files', zip({ name: 'a.png', content: png }).subarray(0, 90), 'p.zip']],
      'invalid_request',
      /cannot be read/,
    ],
  ];

  test.each(cases)('%s', async (_what, parts, code, message) => {
    const before = await countLeft(kiln);
    for (const path of ['/v1/batches', '/v1/batches/validate']) {
      const error = await readError(await sendForm(kiln, parts(), path));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    }
    expect(await countLeft(kiln)).toEqual(before);
    await objects.allClosed();
  });

  test('too many pictures', async () => {
    const pictures = Array.from({ length: 1_001 }, (_, index): Part => [
      'files',
      png,
      `${index}.png`,
    ]);
    const error = await readError(
      await sendForm(kiln, [['file', csv, 'a.csv'], ...pictures], '/v1/batches/validate'),
    );
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/more than 1,000 pictures/) as unknown,
    });
  });
});
