/**
 * Good answers in unusual writing: the picture is in each of them, and providers and gateways in
 * the field send them. A fault of this kind is billed, and its picture counts as delivered.
 */
import { gzipSync } from 'node:zlib';

/** The body of an answer; a stream sends its first entry as the last event. */
export interface PlainBody {
  data: readonly Entry[];
  usage?: unknown;
  [field: string]: unknown;
}

interface Entry {
  b64_json?: string;
  url?: string;
  error?: unknown;
  revised_prompt?: string;
}

export interface Spelling {
  /** Which calls it changes; any other call gets the ordinary answer. */
  of: 'plain' | 'stream' | 'both';
  /** `serve` keeps a picture and returns the address from which it can be fetched. */
  body?(body: PlainBody, serve: (base64: string) => string): PlainBody;
  /** Changes the text of the whole answer, or of the last event with the lines around it. */
  text?(text: string): string | Buffer;
  /** Headers to set; null removes one. */
  headers?: Readonly<Record<string, string | null>>;
  /** How the connection ends, when it does not end as it should. */
  ending?: 'cut behind the body' | 'longer than the body';
}

const eachPicture =
  (spell: (base64: string) => string) =>
  (body: PlainBody): PlainBody => ({
    ...body,
    data: body.data.map((entry) => ({ ...entry, b64_json: spell(entry.b64_json ?? '') })),
  });

const wide = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [`x-padding-${index}`, 'y'.repeat(3_000)]),
);

export const spellings: Readonly<Record<string, Spelling>> = {
  'picture beside an error': {
    of: 'both',
    body: (body) => ({
      ...body,
      data: [
        ...body.data.slice(0, Math.max(1, body.data.length - 1)),
        { error: { code: 'contentFilter', message: 'This picture was filtered.' } },
      ],
    }),
  },
  'address on the own origin': {
    of: 'both',
    body: (body, serve) => ({
      ...body,
      data: body.data.map(({ b64_json: base64 = '' }) => ({ url: serve(base64) })),
    }),
  },
  'address elsewhere': {
    of: 'both',
    body: (body) => ({
      ...body,
      data: body.data.map(() => ({ url: 'https://pictures.invalid/1.png?signature=secret' })),
    }),
  },
  'a rewritten prompt': {
    of: 'plain',
    body: (body) => ({
      ...body,
      data: body.data.map((entry) => ({ ...entry, revised_prompt: 'A picture, in detail' })),
    }),
  },
  'base64 with a data: prefix': {
    of: 'both',
    body: eachPicture((base64) => `data:image/png;base64,${base64}`),
  },
  'base64 with line breaks': {
    of: 'both',
    body: eachPicture((base64) => base64.replaceAll(/(.{76})/g, '$1\r\n')),
  },
  'base64 without padding': {
    of: 'both',
    body: eachPicture((base64) => base64.replace(/=+$/, '')),
  },
  'base64 in the URL alphabet': {
    of: 'both',
    body: eachPicture((base64) => base64.replaceAll('+', '-').replaceAll('/', '_')),
  },
  'byte order mark': { of: 'plain', text: (text) => `\uFEFF${text}` },
  'pings before the JSON': { of: 'plain', text: (text) => `\n \n: ping\n\n${text}` },
  'text behind the JSON': { of: 'plain', text: (text) => `${text}\n\0{"more":[` },
  'usage is a list': { of: 'both', body: (body) => ({ ...body, usage: [] }) },
  'usage is a text': { of: 'both', body: (body) => ({ ...body, usage: 'n/a' }) },
  'usage with NUL and half a character': {
    of: 'both',
    body: (body) => ({
      ...body,
      quality: 'lo\0w',
      usage: { ...(body.usage as object), note: 'a\0b\uD800' },
    }),
  },
  'untrue content encoding': { of: 'plain', headers: { 'content-encoding': 'gzip' } },
  'compressed without being asked': {
    of: 'plain',
    headers: { 'content-encoding': 'gzip' },
    text: (text) => gzipSync(text),
  },
  'large headers': { of: 'both', headers: wide },
  'cut behind the body': { of: 'plain', ending: 'cut behind the body' },
  'length longer than the body': { of: 'plain', ending: 'longer than the body' },
  'text of the type text/plain': { of: 'plain', headers: { 'content-type': 'text/plain' } },
  'stream without its last blank line': { of: 'stream', text: (text) => text.slice(0, -1) },
  'stream without its last line break': { of: 'stream', text: (text) => text.slice(0, -2) },
  'stream with comments and CRLF': {
    of: 'stream',
    text: (text) => `: ping\r\n\r\n${text.replaceAll('\n', '\r\n')}`,
  },
  'stream without names of events': {
    of: 'stream',
    text: (text) => text.replace(/^event: .*\n/, ''),
  },
  'stream of the type application/json': {
    of: 'stream',
    headers: { 'content-type': 'application/json' },
  },
  'stream of the type text/plain': { of: 'stream', headers: { 'content-type': 'text/plain' } },
  'stream without a type': { of: 'stream', headers: { 'content-type': null } },
};
