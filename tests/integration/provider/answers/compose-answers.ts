/**
 * Composes answers around known pictures: encoding × framing × headers × fields × pieces. Every
 * composition that is not cut holds its pictures whole.
 */
import fc from 'fast-check';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import type { WireAnswer } from './wire-server.ts';

export interface Composed {
  wire: WireAnswer;
  isStream: boolean;
  /** The pictures in the answer, in order. */
  pictures: Buffer[];
  /** How many were asked for. */
  wanted: number;
  isCut: boolean;
}

const spellings: Record<string, (base64: string) => string> = {
  plain: (base64) => base64,
  'without padding': (base64) => base64.replace(/=+$/, ''),
  'URL alphabet': (base64) => base64.replaceAll('+', '-').replaceAll('/', '_'),
  'line breaks': (base64) => base64.replaceAll(/(.{19})/g, '$1\r\n'),
  'data: prefix': (base64) => `data:image/png;base64,${base64}`,
};

const usages: readonly (object | string | null | undefined)[] = [
  { input_tokens: 7, output_tokens: 196, total_tokens: 203 },
  undefined,
  null,
  [],
  'n/a',
  { output_tokens: 196, note: 'a\0b\uDC00' },
];

const contentTypes = [
  'application/json',
  'application/json; charset=utf-8',
  'text/event-stream; charset=utf-8',
  'text/plain',
  'application/octet-stream',
  null,
];

/** What `content-encoding` says, and what is done to the body. */
const codings: Record<string, { declared: string | null; encode(body: Buffer): Buffer }> = {
  none: { declared: null, encode: (body) => body },
  identity: { declared: 'identity', encode: (body) => body },
  gzip: { declared: 'gzip', encode: (body) => gzipSync(body) },
  deflate: { declared: 'deflate', encode: (body) => deflateSync(body) },
  'raw deflate': { declared: 'deflate', encode: (body) => deflateRawSync(body) },
  brotli: { declared: 'br', encode: (body) => brotliCompressSync(body) },
  zstd: { declared: 'zstd', encode: (body) => zstdCompressSync(body) },
  'gzip, not declared': { declared: null, encode: (body) => gzipSync(body) },
  'untrue gzip': { declared: 'gzip', encode: (body) => body },
  'untrue deflate': { declared: 'deflate', encode: (body) => body },
  'untrue brotli': { declared: 'br', encode: (body) => body },
  'untrue zstd': { declared: 'zstd', encode: (body) => body },
};

const transfers = ['length', 'chunked', 'until close', 'length too long', 'chunks without an end'];

/** The usual value in most answers, so that the official SDK can read many of them. */
const mostly = <T>(usual: T, others: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: others });

const keysOf = (record: Record<string, unknown>) => fc.constantFrom(...Object.keys(record));

const common = {
  spelling: mostly('plain', keysOf(spellings)),
  escapesSlashes: fc.boolean(),
  usage: fc.constantFrom(...usages),
  usageFirst: fc.boolean(),
  prompt: fc.string({ unit: 'grapheme', maxLength: 20 }),
  contentType: mostly<string | null>('application/json', fc.constantFrom(...contentTypes)),
  coding: mostly('none', keysOf(codings)),
  transfer: mostly('length', fc.constantFrom(...transfers)),
  status: fc.constantFrom(200, 200, 201, 202, 206),
  headerBytes: mostly(0, fc.constantFrom(9_000, 60_000)),
  pieces: fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 4 }),
  chunk: fc.integer({ min: 1, max: 600 }),
  /** Where the connection is cut, as a share of the body; null: nowhere. */
  cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 2, nil: null }),
};

const plain = fc.record({
  ...common,
  form: fc.constant('plain' as const),
  entries: fc.array(fc.constantFrom('picture', 'picture', 'error', 'null'), {
    minLength: 1,
    maxLength: 3,
  }),
  before: mostly('', fc.constantFrom('\uFEFF', ' \n', '\n: ping\n\n')),
  after: mostly('', fc.constantFrom('\n', ' \r\n ', '\0', '{"more":')),
  isPretty: fc.boolean(),
});

const stream = fc.record({
  ...common,
  form: fc.constant('stream' as const),
  eol: fc.constantFrom('\n', '\r\n', '\r'),
  isNamed: fc.boolean(),
  isTyped: fc.boolean(),
  isSplit: fc.boolean(),
  partials: fc.integer({ min: 0, max: 2 }),
  before: fc.constantFrom('', '\uFEFF', ': ping\n\n', 'retry: 3\nid: 1\n\n'),
  after: fc.constantFrom('', '\n', '\n\n', '\n\n: ping\n\n', '\n\ndata: [DONE]\n\n'),
});

/** @param known pictures to choose from */
export function composedAnswers(known: readonly Buffer[]): fc.Arbitrary<Composed> {
  return fc
    .oneof(plain, stream)
    .map((recipe) =>
      recipe.form === 'plain' ? composePlain(recipe, known) : composeStream(recipe, known),
    );
}

type Recipe<T> = T extends fc.Arbitrary<infer Value> ? Value : never;
type CommonRecipe = Omit<
  Recipe<typeof plain>,
  'form' | 'entries' | 'before' | 'after' | 'isPretty'
>;

function composePlain(recipe: Recipe<typeof plain>, known: readonly Buffer[]): Composed {
  const entries = recipe.entries.includes('picture') ? recipe.entries : ['picture'];
  const pictures: Buffer[] = [];
  const data = entries.map((entry, index) => {
    if (entry === 'null') return null;
    if (entry === 'error') return { error: { code: 'contentFilter', message: recipe.prompt } };
    const picture = pictureAt(known, index);
    pictures.push(picture);
    return {
      revised_prompt: `"b64_json":"AAAA" ${recipe.prompt}`,
      b64_json: spell(recipe, picture),
    };
  });
  const fields = order({ created: 1, data }, recipe);
  const json = writeJson(fields, recipe, recipe.isPretty);
  return toComposed(recipe, `${recipe.before}${json}${recipe.after}`, {
    isStream: false,
    pictures,
    wanted: entries.length,
  });
}

function composeStream(recipe: Recipe<typeof stream>, known: readonly Buffer[]): Composed {
  const picture = pictureAt(known, 0);
  const write = (type: string, fields: object) => {
    const body = order(
      { ...(recipe.isTyped || !recipe.isNamed ? { type } : {}), ...fields },
      recipe,
    );
    const json = writeJson(body, recipe, recipe.isSplit);
    const data = json.split('\n').map((line) => `data: ${line}`);
    return [...(recipe.isNamed ? [`event: ${type}`] : []), ...data].join('\n');
  };
  const partials = Array.from({ length: recipe.partials }, (_, index) =>
    write('image_generation.partial_image', {
      partial_image_index: index,
      b64_json: spell(recipe, pictureAt(known, index + 1)),
    }),
  );
  const last = write('image_generation.completed', { b64_json: spell(recipe, picture) });
  const text = recipe.before + [...partials, last].join('\n\n') + recipe.after;
  return toComposed(recipe, text.replaceAll('\n', recipe.eol), {
    isStream: true,
    pictures: [picture],
    wanted: 1,
  });
}

function pictureAt(known: readonly Buffer[], index: number): Buffer {
  return known[index % known.length] ?? Buffer.alloc(0);
}

function spell({ spelling }: CommonRecipe, picture: Buffer): string {
  return spellings[spelling]?.(picture.toString('base64')) ?? '';
}

function order(fields: object, { usage, usageFirst }: CommonRecipe): object {
  return usageFirst ? { usage, ...fields } : { ...fields, usage };
}

function writeJson(value: object, { escapesSlashes }: CommonRecipe, isPretty: boolean): string {
  const json = JSON.stringify(value, null, isPretty ? 1 : 0);
  return escapesSlashes ? json.replaceAll('/', String.raw`\/`) : json;
}

function toComposed(
  recipe: CommonRecipe,
  text: string,
  rest: Pick<Composed, 'isStream' | 'pictures' | 'wanted'>,
): Composed {
  const coding = codings[recipe.coding] ?? { declared: null, encode: (body: Buffer) => body };
  const body = coding.encode(Buffer.from(text));
  const isChunked = recipe.transfer.startsWith('chunk');
  const length = body.length + (recipe.transfer === 'length too long' ? 50 : 0);
  const head = [
    `HTTP/1.1 ${recipe.status} OK`,
    ...(recipe.contentType === null ? [] : [`content-type: ${recipe.contentType}`]),
    ...(coding.declared === null ? [] : [`content-encoding: ${coding.declared}`]),
    ...(recipe.headerBytes === 0 ? [] : [`x-padding: ${'y'.repeat(recipe.headerBytes)}`]),
    ...(isChunked ? ['transfer-encoding: chunked'] : []),
    ...(recipe.transfer.startsWith('length') ? [`content-length: ${length}`] : []),
    'connection: close',
    '\r\n',
  ].join('\r\n');
  const framed = isChunked ? toChunks(body, recipe) : body;
  const kept = recipe.cut === null ? framed.length : Math.floor(framed.length * recipe.cut);
  return {
    ...rest,
    isCut: recipe.cut !== null,
    wire: {
      bytes: Buffer.concat([Buffer.from(head), framed.subarray(0, kept)]),
      pieces: recipe.pieces,
      ending: 'close',
    },
  };
}

function toChunks(body: Buffer, { chunk, transfer }: CommonRecipe): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunk) {
    const piece = body.subarray(at, at + chunk);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  if (transfer === 'chunked') parts.push(Buffer.from('0\r\nx-checksum: 1\r\n\r\n'));
  return Buffer.concat(parts);
}
