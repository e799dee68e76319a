/**
 * Extracts the base64 images of an answer while it arrives, be it JSON or an event stream: decodes
 * every string value of `b64_json`, and every value of `url` that begins with `data:`, piece by
 * piece and leaves a short marker in its place. The rest is about a kilobyte, so an answer of tens
 * of megabytes is never held or parsed as text. Images under an escaped spelling of the key stay in
 * the text. Used by `read-answer.ts`.
 */
import {
  createBase64Decoder,
  decodeBase64,
  type Base64Decoder,
  type DecodedPicture,
} from './base64-decoder.ts';

export interface ExtractedAnswer {
  /** The body with markers in place of the images. */
  rest: AsyncGenerator<Uint8Array>;
  /**
   * Returns the image that a `b64_json` or `url` value of `rest` stands for, once; null when it is
   * not base64.
   */
  take: TakePicture;
}

export type TakePicture = (value: string) => DecodedPicture | null;

/**
 * Keys whose values are images, and how such a value begins. With unescaped quotes on both sides a
 * key cannot occur inside a JSON string.
 */
const keys = [
  { key: Buffer.from('"b64_json"'), opening: '"' },
  { key: Buffer.from('"url"'), opening: '"data:' },
] as const;
/** Partial images included; no real answer comes near it. */
const maxPictures = 500;
/** Longest white space and colon after the key; no real writer uses more. */
const maxGapCharacters = 64;
/** No base64 text starts with this character. */
const mark = '#';
const [quote, backslash, slash] = [0x22, 0x5c, 0x2f] as const;

/** @param bodyBytes the length of the whole answer, if it is known */
export function extractBase64Images(
  chunks: AsyncIterable<Uint8Array>,
  bodyBytes: number | null = null,
): ExtractedAnswer {
  const pictures: (DecodedPicture | null)[] = [];
  return {
    rest: extractAll(chunks, pictures, bodyBytes),
    take(value) {
      const index = value.startsWith(mark) ? Number(value.slice(mark.length)) : Number.NaN;
      const picture = pictures[index];
      if (picture === undefined) return decodeBase64(value); // its key was escaped
      pictures[index] = null; // so that it is not held twice
      return picture;
    },
  };
}

async function* extractAll(
  chunks: AsyncIterable<Uint8Array>,
  pictures: (DecodedPicture | null)[],
  bodyBytes: number | null,
): AsyncGenerator<Uint8Array> {
  let text: Buffer = Buffer.alloc(0);
  let value: OpenValue | null = null;
  for await (const chunk of chunks) {
    let rest: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      if (value !== null) {
        const end = value.read(rest);
        if (end === -1) break;
        pictures.push(value.end());
        value = null;
        rest = rest.subarray(end);
        continue;
      }
      text = text.length === 0 ? rest : Buffer.concat([text, rest]);
      const found = findValue(text);
      yield text.subarray(0, found.before);
      if (found.status === 'begins') {
        if (pictures.length >= maxPictures)
          throw new Error(`the answer has more than ${maxPictures} pictures`);
        yield Buffer.from(mark + String(pictures.length));
        value = openValue(bodyBytes);
        rest = text.subarray(found.before);
        text = Buffer.alloc(0);
      } else {
        text = Buffer.from(text.subarray(found.before));
        break;
      }
    }
  }
  yield text;
}

/**
 * `before`: this many bytes belong to the rest. Those after them are the value, or may turn out to
 * introduce one.
 */
type Found = { status: 'begins' | 'none'; before: number };

function findValue(text: Buffer): Found {
  const founds = keys.map((each) => findValueOf(text, each));
  // The quote that opens a value at the end of the text is not the start of another key.
  const begun = founds.filter(({ status }) => status === 'begins');
  return (begun.length > 0 ? begun : founds).reduce((one, other) =>
    other.before < one.before ? other : one,
  );
}

function findValueOf(text: Buffer, { key, opening }: (typeof keys)[number]): Found {
  for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + key.length)) {
    const keyEnd = at + key.length;
    const after = text.toString('latin1', keyEnd, keyEnd + maxGapCharacters);
    const gap = /^\s*(:\s*)?/.exec(after)?.[0] ?? '';
    const value = after.slice(gap.length, gap.length + opening.length);
    if (gap.includes(':') && value === opening)
      return { status: 'begins', before: keyEnd + gap.length + 1 };
    const isUndecided = keyEnd + gap.length + value.length === text.length;
    if (isUndecided && gap.length < maxGapCharacters && opening.startsWith(value))
      return { status: 'none', before: at };
  }
  return { status: 'none', before: text.length - begunKey(text, key) };
}

/**
 * How many of the last bytes may be the start of a key. All others are passed on at once, because
 * an event may end with them.
 */
function begunKey(text: Buffer, key: Buffer): number {
  for (let length = Math.min(text.length, key.length - 1); length > 0; length -= 1)
    if (text.subarray(text.length - length).equals(key.subarray(0, length))) return length;
  return 0;
}

interface OpenValue {
  /** Offset of the closing quote, which is not part of the value; -1: the value continues. */
  read(piece: Buffer): number;
  end(): DecodedPicture | null;
}

/**
 * Reads a JSON string after its opening quote. Any character may be escaped: .NET writes a plus as
 * `\u002B`, others write a slash as `\/`.
 */
function openValue(bodyBytes: number | null): OpenValue {
  const decoder: Base64Decoder = createBase64Decoder(bodyBytes);
  /** Characters of an escape after its backslash; null outside of one. */
  let escape: string | null = null;
  let isClean = true;

  return {
    read(piece) {
      if (escape === null && !piece.includes(backslash)) {
        // The usual case: nothing is copied.
        const end = piece.indexOf(quote);
        decoder.write(end === -1 ? piece : piece.subarray(0, end));
        return end;
      }
      const plain = Buffer.allocUnsafe(piece.length);
      let size = 0;
      let at = 0;
      let end = piece.indexOf(quote);
      while (at < piece.length) {
        if (escape !== null) {
          escape += String.fromCharCode(piece[at] ?? 0);
          at += 1;
          const code = readEscape(escape);
          if (code === 'unfinished') continue;
          if (code === 'not base64') isClean = false;
          else size = plain.writeUInt8(code, size);
          escape = null;
          continue;
        }
        if (end !== -1 && end < at) end = piece.indexOf(quote, at); // the last quote was escaped
        const begins = piece.indexOf(backslash, at);
        const isEnd = end !== -1 && (begins === -1 || end < begins);
        const stop = isEnd ? end : begins === -1 ? piece.length : begins;
        size += piece.copy(plain, size, at, stop);
        if (isEnd) {
          decoder.write(plain.subarray(0, size));
          return end;
        }
        if (stop === begins) escape = '';
        at = stop + 1;
      }
      decoder.write(plain.subarray(0, size));
      return -1;
    },
    end: () => (isClean ? decoder.end() : null),
  };
}

const escapedControls: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13 };

/** The character code of an escape, if it can be part of an image's text. */
function readEscape(escape: string): number | 'unfinished' | 'not base64' {
  if (escape === '/') return slash;
  const control = escapedControls[escape];
  if (control !== undefined) return control;
  if (!escape.startsWith('u')) return 'not base64';
  if (escape.length < 5) return 'unfinished';
  return /^u00[0-7][\da-f]$/i.test(escape) ? Number.parseInt(escape.slice(1), 16) : 'not base64';
}
