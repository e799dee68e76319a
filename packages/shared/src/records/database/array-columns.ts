/**
 * Columns of many rows as parameters for `unnest`. They are PostgreSQL arrays in binary form
 * (`array_recv`), which the server reads at a fraction of the cost of the same rows as JSON. Each
 * column reuses one buffer, because a million rows would otherwise leave as much garbage.
 */
import { toStorable } from '../../schemas/text.ts';

/**
 * A parameter in binary form, or null if no row has a value: `unnest` then fills the column with
 * nulls. The bytes are valid until the column is cleared.
 */
export type ArrayParameter = Uint8Array | null;

export interface ArrayColumn<Value> {
  add(value: Value | null): void;
  end(): ArrayParameter;
  clear(): void;
}

/** The object ids of the element types. PostgreSQL never changes them. */
const types = { int8: 20, text: 25, jsonb: 3802 } as const;
const version = 1;

/** `bigint[]` of whole numbers. */
export function createNumberColumn(): ArrayColumn<number> {
  return createColumn<number>(
    types.int8,
    () => 8,
    (bytes, value, at) =>
      bytes.writeUInt32BE(value >>> 0, bytes.writeInt32BE(Math.floor(value / 2 ** 32), at)),
  );
}

/** `text[]`. */
export function createTextColumn(): ArrayColumn<string> {
  return createColumn<string>(
    types.text,
    (value) => value.length * mostBytesOfAUnit,
    (bytes, value, at) => at + bytes.write(value.includes('\0') ? toStorable(value) : value, at),
  );
}

/** `jsonb[]`, of JSON texts. */
export function createJsonColumn(): ArrayColumn<string> {
  return createColumn<string>(
    types.jsonb,
    (value) => 1 + value.length * mostBytesOfAUnit,
    (bytes, value, at) => {
      bytes[at] = version;
      return at + 1 + bytes.write(value, at + 1);
    },
  );
}

const mostBytesOfAUnit = 3;
/**
 * Five words of 4 bytes: the number of dimensions (one), whether there are nulls, the element type,
 * the number of elements, and the index of the first.
 */
const headBytes = 20;
/** The length comes before each element; a null has only the length -1. */
const lengthBytes = 4;
const nullLength = -1;
/** The initial size of a buffer, and the largest that is kept after a page. */
const usualBytes = 64 * 1024;
const keptBytes = 1024 * 1024;

/**
 * @param mostBytes an upper limit of the bytes of an element
 * @param write writes an element, and returns where it ends
 */
function createColumn<Value>(
  type: number,
  mostBytes: (value: Value) => number,
  write: (bytes: Buffer, value: Value, at: number) => number,
): ArrayColumn<Value> {
  let bytes = Buffer.allocUnsafe(usualBytes);
  let length = headBytes;
  let count = 0;
  let nulls = 0;

  function makeRoom(needed: number): void {
    if (length + needed <= bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(length + needed, bytes.length * 2));
    bytes.copy(grown, 0, 0, length);
    bytes = grown;
  }

  return {
    add(value) {
      count += 1;
      if (value === null) {
        makeRoom(lengthBytes);
        length = bytes.writeInt32BE(nullLength, length);
        nulls += 1;
        return;
      }
      makeRoom(lengthBytes + mostBytes(value));
      const at = length + lengthBytes;
      const end = write(bytes, value, at);
      bytes.writeInt32BE(end - at, length);
      length = end;
    },
    end() {
      if (nulls === count) return null;
      for (const [index, word] of [1, nulls > 0 ? 1 : 0, type, count, 1].entries())
        bytes.writeInt32BE(word, index * 4);
      return bytes.subarray(0, length);
    },
    clear() {
      if (bytes.length > keptBytes) bytes = Buffer.allocUnsafe(usualBytes);
      length = headBytes;
      count = 0;
      nulls = 0;
    },
  };
}
