/**
 * Limits of the JSON that callers send, wherever it comes from: bodies, fields of forms, queries,
 * lines of JSONL and cells of CSV.
 *
 * Problem: parsing, validating, hashing and writing JSON take time in proportion to its members and
 * stack in proportion to its levels, so 20 MB of members stop a process for half a minute, and
 * 5,000 levels end the statement that reads them. An object of thousands of fields is slower than
 * its share, because each copy of it is built field by field: 6,000 took half a second.
 * Approach: one pass over the text counts bytes, levels, members and the fields of each object
 * before anything is parsed. It ends at the first excess, and skips strings without looking at
 * their characters.
 * Guarantee: JSON that passes has at most `maxJsonLevels` levels and `maxJsonMembers` members, at
 * most `maxJsonFields` fields in an object, and at most `maxJsonBytes` bytes besides pictures, and
 * no field called `__proto__`.
 * Whether it is valid JSON is found by parsing it.
 */

/** Bytes that are not part of a picture. */
export const maxJsonBytes = 1_048_576;
/** Objects and arrays inside each other, the outermost included. */
export const maxJsonLevels = 32;
/** Fields of objects and items of arrays, in all of them together. */
export const maxJsonMembers = 10_000;
/** Fields of one object. */
export const maxJsonFields = 500;

/** A limit that the JSON exceeds. `message` continues a sentence about the JSON: "has more …". */
export interface JsonExcess {
  limit: 'bytes' | 'levels' | 'members' | 'fields' | 'names';
  message: string;
}

const excesses = {
  bytes: {
    limit: 'bytes',
    message:
      `has more than ${maxJsonBytes.toLocaleString('en')} bytes besides pictures, the most that ` +
      'is allowed; shorten it, and send pictures as files or in image_url',
  },
  levels: {
    limit: 'levels',
    message:
      `has more than ${maxJsonLevels} objects and arrays inside each other, the most that is ` +
      'allowed; make it flatter',
  },
  members: {
    limit: 'members',
    message:
      `has more than ${maxJsonMembers.toLocaleString('en')} fields and items, the most that is ` +
      'allowed; send less at a time',
  },
  fields: {
    limit: 'fields',
    message:
      `has an object of more than ${maxJsonFields.toLocaleString('en')} fields, the most that is ` +
      'allowed; send fewer',
  },
  names: {
    limit: 'names',
    message:
      'has a field called __proto__, a name that no field may have, because programs that read ' +
      'JSON take it for something else; remove it',
  },
} as const satisfies Record<string, JsonExcess>;

/** Characters of JSON, as bytes. */
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openingBracket = 0x5b;
const backslash = 0x5c;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/** Strings under this name are pictures, which have limits of their own. */
const pictureName = Buffer.from('image_url');
/** The name that leads to the prototype of an object in JavaScript. */
const protoName = Buffer.from('__proto__');

/** The name may be written with escapes, each of at most six bytes. */
function isProto(name: Buffer): boolean {
  if (name.length < protoName.length || name.length > 6 * protoName.length) return false;
  if (name.equals(protoName)) return true;
  if (!name.includes(backslash)) return false;
  try {
    return JSON.parse(`"${name.toString()}"`) === protoName.toString();
  } catch {
    return false; // it is not JSON, which is found by parsing it
  }
}

/** Returns the first limit that the JSON exceeds, or null. Text that is not JSON may pass. */
export function findJsonExcess(json: string | Buffer): JsonExcess | null {
  const bytes = typeof json === 'string' ? Buffer.from(json) : json;
  let levels = 0;
  let members = 0;
  /** The fields of the object that is open at each level. */
  const fields = new Uint32Array(maxJsonLevels + 1);
  let pictureBytes = 0;
  let lastString = bytes.subarray(0, 0);
  let isPicture = false;
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at]) {
      case quote: {
        const end = endOfString(bytes, at);
        if (isPicture) pictureBytes += end - at;
        lastString = bytes.subarray(at + 1, end);
        isPicture = false;
        at = end;
        break;
      }
      case colon:
        if (isProto(lastString)) return excesses.names;
        isPicture = lastString.equals(pictureName);
        fields[levels] = (fields[levels] ?? 0) + 1;
        if ((fields[levels] ?? 0) > maxJsonFields) return excesses.fields;
        break;
      case comma:
        members += 1;
        break;
      case openingBrace:
      case openingBracket:
        isPicture = false;
        levels += 1;
        fields[levels] = 0;
        if (!isEmpty(bytes, at)) members += 1;
        break;
      case closingBrace:
      case closingBracket:
        levels -= 1;
        break;
      default:
        break;
    }
    if (levels > maxJsonLevels) return excesses.levels;
    if (members > maxJsonMembers) return excesses.members;
    if (at - pictureBytes > maxJsonBytes) return excesses.bytes;
  }
  return bytes.length - pictureBytes > maxJsonBytes ? excesses.bytes : null;
}

/**
 * The position of the quote that ends the string, or the end of the text. The search of the buffer
 * is the fastest for a picture; a string with an escaped quote may have millions of them, so from
 * the first one on its bytes are looked at one by one.
 */
function endOfString(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(quote, start + 1);
  if (end === -1) return bytes.length;
  let backslashes = 0;
  while (end - backslashes - 1 > start && bytes[end - backslashes - 1] === backslash)
    backslashes += 1;
  if (backslashes % 2 === 0) return end;
  for (let at = end + 1; at < bytes.length; at += 1) {
    if (bytes[at] === quote) return at;
    if (bytes[at] === backslash) at += 1;
  }
  return bytes.length;
}

/** Whether the object or array that opens at `start` closes at once. */
function isEmpty(bytes: Buffer, start: number): boolean {
  let at = start + 1;
  while ((bytes[at] ?? quote) <= 0x20) at += 1;
  return bytes[at] === closingBrace || bytes[at] === closingBracket;
}

export type ParsedJson =
  | { status: 'parsed'; value: unknown }
  | { status: 'excessive'; excess: JsonExcess }
  | { status: 'broken'; cause: unknown };

/** Parses JSON that keeps to the limits. */
export function parseBoundedJson(text: string): ParsedJson {
  const excess = findJsonExcess(text);
  if (excess !== null) return { status: 'excessive', excess };
  try {
    return { status: 'parsed', value: JSON.parse(text) as unknown };
  } catch (cause) {
    return { status: 'broken', cause };
  }
}

/**
 * A copy of a stored value that keeps to `maxJsonLevels`: what is deeper is null. An earlier
 * release accepted any depth, and writing such a value as JSON takes more stack than there is.
 */
export function flattenJson(value: unknown, levels = maxJsonLevels): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((each) => flattenJson(each, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, flattenJson(each, levels - 1)]),
  );
}
