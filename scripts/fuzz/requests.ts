/**
 * Requests to the operations of an OpenAPI document: paths, queries, headers and bodies, most of
 * them well-formed, many of them not. Bodies are bytes, so that they can be anything.
 */
import fc, { type Arbitrary } from 'fast-check';
import type { ApiDocument, Operation, Parameter, Schema } from './document.ts';
import { hostileText, valuesOf } from './values.ts';

export interface FuzzRequest {
  operation: Operation;
  /** Values of the path. `{known}` takes an id that an earlier answer has named. */
  path: (string | { known: number })[];
  /** The raw query, with its `?`; empty for none. */
  query: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
  /** The client hangs up: never, while it sends the body, or this long after it. */
  hangUp: 'never' | 'sending' | number;
}

/** How many of a hundred values are hostile. Some requests are meant well in every respect. */
const hostilities = [0, 0, 5, 20, 60] as const;

export function requestsTo(document: ApiDocument): Arbitrary<FuzzRequest> {
  // Deleting is rare, so that there is something to read.
  const weighed = document.operations.map((operation) => ({
    weight: operation.method === 'DELETE' ? 1 : operation.method === 'HEAD' ? 1 : 4,
    arbitrary: fc.constant(operation),
  }));
  return fc
    .tuple(fc.oneof(...weighed), fc.constantFrom(...hostilities))
    .chain(([operation, hostility]) => requestsOf(document, operation, hostility));
}

function requestsOf(
  document: ApiDocument,
  operation: Operation,
  hostility: number,
): Arbitrary<FuzzRequest> {
  const { parameters } = operation;
  const byPlace = (place: Parameter['in']) => parameters.filter((each) => each.in === place);
  return fc
    .record({
      path: fc.tuple(...byPlace('path').map((each) => pathValue(document, each, hostility))),
      query: queries(document, byPlace('query'), hostility),
      headers: headers(document, byPlace('header'), hostility),
      body: bodies(document, operation, hostility),
      hangUp: fc.oneof(
        { weight: 96, arbitrary: fc.constant('never' as const) },
        { weight: 2, arbitrary: fc.constant('sending' as const) },
        { weight: 2, arbitrary: fc.constantFrom(0, 5, 50) },
      ),
    })
    .map(({ path, query, headers: named, body, hangUp }) => ({
      operation,
      path,
      query,
      headers: { ...named, ...(body === null ? {} : { 'content-type': body.type }) },
      body: body?.bytes ?? null,
      hangUp,
    }));
}

function pathValue(
  document: ApiDocument,
  { name, schema }: Parameter,
  hostility: number,
): Arbitrary<string | { known: number }> {
  const named: Record<string, Arbitrary<string>> = {
    name: fc.constant('default'),
    model: fc.constantFrom('gpt-image-2', 'gpt-image-1'),
    deployment: fc.constantFrom('default', 'gpt-image-2'),
    index: fc.constantFrom('0', '1', '9', '10', '0x0', '-0', '00', '1.0', ' 1'),
  };
  const usual = named[name] ?? fc.nat(1_000).map((at) => ({ known: at }));
  return fc.oneof(
    { weight: 100 - hostility, arbitrary: usual },
    {
      weight: hostility,
      arbitrary: fc.oneof(hostileText, valuesOf(document, schema, hostility).map(toText)),
    },
  );
}

function queries(
  document: ApiDocument,
  parameters: readonly Parameter[],
  hostility: number,
): Arbitrary<string> {
  const pairs = parameters.map(({ name, schema, required }) =>
    fc
      .tuple(fc.nat(99), valuesOf(document, schema, hostility, name))
      .map(([chance, value]) =>
        required === true || chance < 30 ? [`${name}=${encode(value)}`] : [],
      ),
  );
  const odd = fc
    .tuple(fc.nat(99), hostileText, hostileText)
    .map(([chance, name, value]) =>
      chance < hostility / 4 ? [`${encode(name)}=${encode(value)}`] : [],
    );
  return fc.tuple(...pairs, odd).map((found) => {
    const all = found.flat();
    return all.length === 0 ? '' : `?${all.join('&')}`;
  });
}

function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A raw percent sign and other bytes are sent as they are now and then.
  return text.startsWith('%') ? text : encodeURIComponent(text.toWellFormed());
}

const usualHeaders: Readonly<Record<string, readonly string[]>> = {
  'idempotency-key': ['key-1', 'key-2', 'key-3', 'x'.repeat(255), 'x'.repeat(256)],
  prefer: ['respond-async', 'wait=0', 'wait=1', 'wait=0x10', 'wait=-1', 'wait=999999999'],
  'last-event-id': ['', 'evt_1', 'x'.repeat(101)],
  accept: ['application/json', 'text/event-stream', 'image/*', '*/*', '\u00ff'],
};
const oddHeaders: Readonly<Record<string, readonly string[]>> = {
  range: ['bytes=0-0', 'bytes=5-1', 'bytes=-', 'bytes=99999999999999999999-', 'lines=1'],
  'if-none-match': ['*', '"x"', 'x'],
  'if-range': ['"x"'],
  'x-request-id': ['mine', 'a b', 'x'.repeat(200), '{"a":1}'],
  'content-encoding': ['gzip', 'identity', 'x'],
  'accept-encoding': ['gzip', 'identity;q=0'],
  'x-forwarded-for': ['1.2.3.4', 'x'],
  authorization: ['Bearer x', 'Basic eA==', 'Bearer'],
};

function headers(
  document: ApiDocument,
  parameters: readonly Parameter[],
  hostility: number,
): Arbitrary<Record<string, string>> {
  const declared = parameters.map(({ name, schema }) =>
    fc.tuple(
      fc.constant(name),
      fc.nat(99),
      fc.oneof(
        fc.constantFrom(...(usualHeaders[name] ?? ['x'])),
        valuesOf(document, schema, hostility).map(toText),
      ),
    ),
  );
  const odd = Object.entries(oddHeaders).map(([name, values]) =>
    fc.tuple(fc.constant(name), fc.nat(99), fc.constantFrom(...values)),
  );
  return fc
    .tuple(fc.tuple(...declared), fc.tuple(...odd))
    .map(([some, others]) =>
      Object.fromEntries(
        [
          ...some.filter(([, chance]) => chance < 30),
          ...others.filter(([, chance]) => chance < 1 + hostility / 10),
        ].map(([name, , value]) => [name, toHeaderValue(value)]),
      ),
    );
}

/** Node refuses to send other characters; line breaks in headers are its parser's concern. */
function toHeaderValue(value: string): string {
  return value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 2_000);
}

interface Body {
  type: string;
  bytes: Uint8Array;
}

function bodies(
  document: ApiDocument,
  { requestBody, method }: Operation,
  hostility: number,
): Arbitrary<Body | null> {
  if (method === 'GET' || method === 'HEAD') return fc.constant(null);
  const content = Object.entries(requestBody?.content ?? {});
  const json = (schema: Schema) =>
    valuesOf(document, schema, hostility).map((value) => bodyOf('application/json', toJson(value)));
  const usual = content.map(([type, { schema = {} }]) => {
    if (type === 'multipart/form-data') return forms(document, schema, hostility);
    if (type.endsWith('csv')) return tables.map((text) => bodyOf(type, text));
    if (type.endsWith('jsonl') || type.endsWith('ndjson'))
      return lines(document, hostility).map((text) => bodyOf(type, text));
    return json(schema);
  });
  const none = fc.constant(null);
  return fc.oneof(
    { weight: 100 - hostility, arbitrary: usual.length === 0 ? none : fc.oneof(...usual) },
    { weight: Math.max(1, Math.ceil(hostility / 2)), arbitrary: brokenBodies },
    { weight: 1, arbitrary: none },
  );
}

function bodyOf(type: string, content: string | Uint8Array): Body {
  return { type, bytes: typeof content === 'string' ? Buffer.from(content) : content };
}

/** Halves of surrogate pairs are written as escapes, as an attacker would. */
function toJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

const types = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'text/csv',
  'application/jsonl',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'multipart/form-data',
  'x',
  '',
] as const;
const brokenTexts = [
  '',
  '{',
  '{"prompt":"a"',
  '{"prompt":"a"}}',
  '[',
  'null',
  '"a"',
  '1',
  '{"prompt":"a","prompt":"b"}',
  '{"prompt":"a","__proto__":{"n":2}}',
  '{"prompt":"\\ud83d"}',
  '{"prompt":"\\u0000"}',
  '{"n":1e999,"prompt":"a"}',
  '[['.repeat(20_000),
  `{"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  '--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na\r\n--b--\r\n',
  '--b\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\na\r\n--b--\r\n',
  '--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na',
  '--b\r\n\r\n\r\n--b--',
  '\uFEFF{"prompt":"a"}',
] as const;

const brokenBodies: Arbitrary<Body> = fc
  .tuple(
    fc.constantFrom(...types),
    fc.oneof(
      fc.constantFrom(...brokenTexts).map((text) => new Uint8Array(Buffer.from(text))),
      fc.uint8Array({ maxLength: 60 }),
    ),
  )
  .map(([type, bytes]) => ({ type, bytes }));

const cell = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: hostileText },
);
const columns = ['prompt', 'n', 'size', 'quality', 'custom_id', 'filename', 'image', 'note'];

/** CSV files: a header and up to three rows, quoted or not. */
const tables: Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      fc.constant(['prompt']),
      fc.constant(['prompt', 'note']),
      fc.shuffledSubarray(columns, { minLength: 1 }),
    ),
    fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
    fc.constantFrom(',', ';', '\t'),
    fc.boolean(),
  )
  .map(([header, rows, delimiter, isQuoted]) => {
    const quote = (text: string) => (isQuoted ? `"${text.replaceAll('"', '""')}"` : text);
    return [header, ...rows].map((row) => `${row.map(quote).join(delimiter)}\n`).join('');
  });

function lines(document: ApiDocument, hostility: number): Arbitrary<string> {
  const job = document.operations.find(
    ({ method, path }) => method === 'POST' && path === '/v1/images/generations',
  );
  const schema = job?.requestBody?.content['application/json']?.schema ?? {};
  return fc
    .array(
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc
            .tuple(valuesOf(document, schema, hostility), cell)
            .map(([body, id]) =>
              toJson({ custom_id: id, method: 'POST', url: '/v1/images/generations', body }),
            ),
        },
        { weight: 1, arbitrary: fc.constantFrom(...brokenTexts) },
      ),
      { maxLength: 3 },
    )
    .map((all) => all.map((line) => `${line}\n`).join(''));
}

const boundary = 'fuzz-boundary';
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function forms(document: ApiDocument, schema: Schema, hostility: number): Arbitrary<Body> {
  const files = fc.array(
    fc.record({
      name: fc.constantFrom('file', 'image', 'image[]', 'mask', 'files'),
      filename: fc.oneof(fc.constantFrom('a.csv', 'a.jsonl', 'a.png', 'a.zip'), hostileText),
      bytes: fc.oneof(
        tables.map((text) => Buffer.from(text)),
        lines(document, hostility).map((text) => Buffer.from(text)),
        fc.constantFrom(pixel, pixel.subarray(0, 30), Buffer.from('PK\x03\x04'), Buffer.alloc(0)),
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      ),
    }),
    { maxLength: 2 },
  );
  return fc
    .tuple(
      valuesOf(document, schema, hostility),
      files,
      fc.nat(99),
      fc.uint8Array({ maxLength: 4 }),
    )
    .map(([fields, parts, chance, noise]) => {
      const pieces: Buffer[] = [];
      const add = (head: string, bytes: Uint8Array) =>
        pieces.push(
          Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
          Buffer.from(bytes),
          Buffer.from('\r\n'),
        );
      const named = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [];
      for (const [name, value] of named) {
        if (value === null || (typeof value === 'string' && name === 'file')) continue;
        const text = typeof value === 'string' ? value : toJson(value);
        // Bytes that are not UTF-8 stand in a field now and then.
        const bytes = Buffer.concat([Buffer.from(text), chance < 3 ? noise : Buffer.alloc(0)]);
        add(`name="${toFormName(name)}"`, bytes);
      }
      for (const { name, filename, bytes } of parts)
        add(`name="${name}"; filename="${toFormName(filename)}"`, bytes);
      // The form breaks off now and then.
      if (chance < 97) pieces.push(Buffer.from(`--${boundary}--\r\n`));
      return bodyOf(`multipart/form-data; boundary=${boundary}`, Buffer.concat(pieces));
    });
}

function toFormName(name: string): string {
  return name.replaceAll(/["\r\n]/g, '_').slice(0, 300);
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : toJson(value);
}
