/**
 * The corpus of bad pictures: what clients send by mistake or to do harm. Each is made on demand,
 * and comes with the error code it must be refused with and the text of the message.
 */
import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import {
  deflateZeros,
  flatPng,
  jpegSegment,
  paint,
  pngChunk,
  pngHeader,
  pngSignature,
  smallZip,
  withChunks,
  withSegments,
} from './pictures.ts';

export interface BadPicture {
  name: string;
  code: string;
  message: RegExp;
  bytes(): Buffer | Promise<Buffer>;
}

const size = { width: 64, height: 48 };
const png = () => paint(size).png().toBuffer();
const jpeg = () => paint(size).jpeg().toBuffer();
const webp = () => paint(size).webp().toBuffer();
/** Has enough content to be cut anywhere. */
const noisy = () =>
  sharp(randomBytes(200 * 200 * 3), { raw: { width: 200, height: 200, channels: 3 } });
const behind = async (picture: Promise<Buffer>, ...rest: (Buffer | string)[]) =>
  Buffer.concat([await picture, ...rest.map((each) => Buffer.from(each as string))]);
const named = (name: string, ...data: Buffer[]) =>
  Buffer.concat([Buffer.from(`${name}\0`, 'latin1'), ...data]);
const frames = async () =>
  sharp(
    await Promise.all([
      paint(size).png().toBuffer(),
      paint({ ...size, alpha: 0.5 })
        .png()
        .toBuffer(),
    ]),
    {
      join: { animated: true },
    },
  );

export const badPictures: readonly BadPicture[] = [
  ...cut('png', () => noisy().png().toBuffer()),
  ...cut('jpeg', () => noisy().jpeg().toBuffer()),
  ...cut('webp', () => noisy().webp({ lossless: true }).toBuffer()),
  {
    name: 'a png whose pixels end early, with an end chunk after them',
    code: 'image_damaged',
    message: /^is a damaged png: /,
    bytes: () =>
      Buffer.concat([
        pngSignature,
        pngHeader(2_000, 2_000),
        pngChunk('IDAT', deflateSync(Buffer.alloc(1_000))),
        pngChunk('IEND'),
      ]),
  },
  {
    name: 'a png with one flipped bit',
    code: 'image_damaged',
    message: /^is a damaged png: the checksum of its IDAT at byte [\d,]+ is wrong$/,
    async bytes() {
      const bytes = await noisy().png().toBuffer();
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      return bytes;
    },
  },
  {
    name: 'a jpeg that breaks off in its scan, with an end marker after it',
    code: 'image_damaged',
    message: /^is a damaged jpeg: /,
    async bytes() {
      const bytes = await noisy().jpeg().toBuffer();
      return Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.of(0xff, 0xd9)]);
    },
  },
  {
    name: 'a png of 14,000 × 14,000 in one colour',
    code: 'image_too_large',
    message: /^is 14,000 × 14,000, which is 196,000,000 pixels; at most 50,000,000 are allowed$/,
    bytes: () => flatPng(14_000, 14_000, { depth: 1, colourType: 0 }),
  },
  {
    name: 'a png whose header states 4,000,000,000 pixels an edge',
    code: 'image_too_large',
    message: /^is 4,000,000,000 × 4,000,000,000; an edge has at most 16,384 pixels$/,
    bytes: () =>
      Buffer.concat([
        pngSignature,
        pngHeader(4_000_000_000, 4_000_000_000),
        pngChunk('IDAT', deflateZeros(10)),
        pngChunk('IEND'),
      ]),
  },
  {
    name: 'a png without pixels',
    code: 'image_damaged',
    message: /^is 0 × 10: it has no pixels$/,
    bytes: () =>
      Buffer.concat([
        pngSignature,
        pngHeader(0, 10),
        pngChunk('IDAT', deflateZeros(10)),
        pngChunk('IEND'),
      ]),
  },
  {
    name: 'an interlaced png of 7,000 × 7,000, which is decoded as a whole',
    code: 'image_too_large',
    message:
      /^is 7,000 × 7,000, which is 49,000,000 pixels; interlaced .* have at most 25,000,000$/,
    bytes: () => flatPng(7_000, 7_000, { depth: 1, colourType: 0, interlace: 1 }),
  },
  {
    name: 'a progressive jpeg of 6,000 × 6,000, which is decoded as a whole',
    code: 'image_too_large',
    message: /^is 6,000 × 6,000, .* progressive jpeg .* at most 25,000,000$/,
    bytes: () => paint({ width: 6_000, height: 6_000 }).jpeg({ progressive: true }).toBuffer(),
  },
  {
    name: 'a jpeg of a thousand scans',
    code: 'image_too_large',
    message: /^is a jpeg in more than 100 scans/,
    async bytes() {
      const bytes = await paint(size).jpeg({ progressive: true }).toBuffer();
      const scan = bytes.subarray(bytes.indexOf(Buffer.of(0xff, 0xda)), bytes.length - 2);
      return Buffer.concat([
        bytes.subarray(0, -2),
        ...Array<Buffer>(1_000).fill(scan),
        bytes.subarray(-2),
      ]);
    },
  },
  {
    name: 'a text that unpacks to 200 MB (zTXt)',
    code: 'image_metadata_too_large',
    message: /^is a png whose zTXt inflates to more than .* \(16,777,216 bytes\)$/,
    bytes: async () =>
      withChunks(
        await png(),
        pngChunk('zTXt', named('Comment', Buffer.of(0), deflateZeros(200_000_000))),
      ),
  },
  {
    name: 'a profile that unpacks to 200 MB (iCCP)',
    code: 'image_metadata_too_large',
    message: /^is a png whose iCCP inflates to more than/,
    bytes: async () =>
      withChunks(
        await png(),
        pngChunk('iCCP', named('icc', Buffer.of(0), deflateZeros(200_000_000))),
      ),
  },
  {
    name: 'an international text that unpacks to 200 MB (iTXt)',
    code: 'image_metadata_too_large',
    message: /^is a png whose iTXt inflates to more than/,
    bytes: async () =>
      withChunks(
        await png(),
        pngChunk('iTXt', named('Comment', Buffer.of(1, 0, 0, 0), deflateZeros(200_000_000))),
      ),
  },
  {
    name: 'a hundred texts that unpack to 1 MB each',
    code: 'image_metadata_too_large',
    message: /zTXt inflates/,
    async bytes() {
      const text = pngChunk('zTXt', named('Comment', Buffer.of(0), deflateZeros(1_000_000)));
      return withChunks(await png(), ...Array<Buffer>(100).fill(text));
    },
  },
  {
    name: 'a text that cannot be unpacked',
    code: 'image_damaged',
    message: /^is a damaged png: its zTXt cannot be unpacked$/,
    bytes: async () =>
      withChunks(
        await png(),
        pngChunk('zTXt', named('Comment', Buffer.of(0), Buffer.from('no zlib'))),
      ),
  },
  ...polyglots(),
  {
    name: 'an animated webp',
    code: 'image_animated',
    message: /^is an animated webp; only still pictures are accepted$/,
    bytes: async () => (await frames()).webp({ loop: 0 }).toBuffer(),
  },
  {
    name: 'an animated png',
    code: 'image_animated',
    message: /^is an animated png/,
    bytes: async () =>
      withChunks(await png(), pngChunk('acTL', Buffer.from('0000000200000000', 'hex'))),
  },
  ...foreignFormats(),
];

function cut(format: string, whole: () => Promise<Buffer>): BadPicture[] {
  return [0.01, 0.5, 0.99].map((share) => ({
    name: `a ${format} of which ${share * 100} % came`,
    code: 'image_damaged',
    message: new RegExp(`^is a ${format} that is cut off`),
    async bytes() {
      const bytes = await whole();
      return bytes.subarray(0, Math.max(40, Math.floor(bytes.length * share)));
    },
  }));
}

const video = () =>
  Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42', 'latin1'), randomBytes(5_000)]);

function polyglots(): BadPicture[] {
  const foreign = (name: string, message: RegExp, bytes: BadPicture['bytes']): BadPicture => ({
    name,
    code: 'image_with_foreign_data',
    message,
    bytes,
  });
  const html = '<!doctype html><script>alert(1)</script>';
  return [
    foreign('a png with a zip behind it', /bytes after the end of the png \(a zip archive\)/, () =>
      behind(png(), smallZip()),
    ),
    foreign('a png with html behind it', /after the end of the png \(html\)/, () =>
      behind(png(), html),
    ),
    foreign('a jpeg with a zip behind it', /after the end of the jpeg \(a zip archive\)/, () =>
      behind(jpeg(), smallZip()),
    ),
    foreign(
      'a motion photo',
      /^has 5,012 bytes after the end of the jpeg \(the video of a motion photo\)/,
      () => behind(jpeg(), video()),
    ),
    foreign("a motion photo of Samsung's", /\(the video of a motion photo\)/, () =>
      behind(
        jpeg(),
        '\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data',
        video(),
        'SEFH',
        Buffer.alloc(24),
        'SEFT',
      ),
    ),
    foreign('a jpeg with another behind it that it does not announce', /\(a jpeg\)/, () =>
      behind(jpeg(), Buffer.from(flatJpeg)),
    ),
    foreign('a webp with a script behind it', /after the end of the webp \(a script\)/, () =>
      behind(webp(), '<?php system($_GET[0]);'),
    ),
    foreign('a png with a zip in a chunk', /^is both a png and a zip archive/, async () =>
      withChunks(await png(), pngChunk('zzZz', smallZip())),
    ),
    foreign(
      'a jpeg with html in a comment',
      /^is a jpeg with markup in its comment \(<!doctype html\)/,
      async () => withSegments(await jpeg(), jpegSegment(0xfe, Buffer.from(html))),
    ),
    foreign(
      'a png with a script in a text',
      /^is a png with markup in its tEXt \(<script>\)/,
      async () =>
        withChunks(
          await png(),
          pngChunk('tEXt', named('Title', Buffer.from('<SCRIPT>alert(1)</SCRIPT>'.toLowerCase()))),
        ),
    ),
    foreign('a jpeg with a pdf in a comment', /^is both a jpeg and a pdf/, async () =>
      withSegments(await jpeg(), jpegSegment(0xfe, Buffer.from('%PDF-1.4\n1 0 obj'))),
    ),
  ];
}

/** Is two bytes longer than a signature, because its content is never inspected. */
const flatJpeg = [0xff, 0xd8, 0xff, 0xdb, 0, 2];

function foreignFormats(): BadPicture[] {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  const cases: [string, string, Buffer | (() => Promise<Buffer>)][] = [
    ['an svg', 'an svg', Buffer.from(svg)],
    [
      'an svg behind its prologue',
      'an svg',
      Buffer.from(`<?xml version="1.0"?>\n<!-- drawn -->\n${svg}`),
    ],
    ['a gif', 'a gif', () => paint(size).gif().toBuffer()],
    ['an animated gif', 'a gif', async () => (await frames()).gif().toBuffer()],
    ['a tiff', 'a tiff', () => paint(size).tiff().toBuffer()],
    ['an avif', 'an avif', () => paint(size).avif().toBuffer()],
    ['a pdf', 'a pdf', Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n')],
    // No more comments than are inspected: the time must not grow with the ways to divide them.
    ['an svg behind 140 comments', 'an svg', Buffer.from(`${'<!---->'.repeat(140)}${svg}`)],
    ['150 comments and nothing else', 'text', Buffer.from(`${'<!---->'.repeat(150)}x`)],
    ['a page', 'html', Buffer.from('<!DOCTYPE html><title>404</title>')],
    ['an archive', 'a zip archive', smallZip()],
    ['a text', 'text', Buffer.from('not found\n')],
    [
      'noise',
      'of no known format',
      Buffer.from([1, 2, 3, 0xf0, 0x90, ...Array<number>(50).fill(7)]),
    ],
  ];
  return cases.map(([name, kind, bytes]) => ({
    name: `${name} that is called a png`,
    code: 'image_format_unsupported',
    message: new RegExp(`^is ${kind} by its first bytes; png, jpeg and webp are accepted$`),
    bytes: () => (typeof bytes === 'function' ? bytes() : bytes),
  }));
}
