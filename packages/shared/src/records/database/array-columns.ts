/**
 * Columns of many rows as parameters for `unnest`: PostgreSQL's arrays in their binary form
 * (`array_recv`), which it reads at a fraction of what the same rows as JSON cost it. They are
 * written into the same bytes again and again: those of a million rows would be as much garbage.
 */

/**
 * A parameter in binary form, or null where no row has a value: `unnest` fills up with nulls. Its
 * bytes are good until the column is cleared.
 */
export type ArrayParameter = Uint8Array | null;

export interface ArrayColumn<Value> {
  add(value: Value | null): void;
  end(): ArrayParameter;
  clear(): void;
}

/** The object ids of element types, fixed for good. */
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
    (bytes, value, at) => at + bytes.write(value, at),
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
 * Dimensions (one), whether there are nulls, the type, how many elements, the number of the first:
 * a word each.
 */
const headBytes = 20;
/** Before an element, or in its place where it is null. */
const lengthBytes = 4;
const nullLength = -1;
/** Held from the start, and no more than some times this for long. */
const usualBytes = 64 * 1024;
const keptBytes = 1024 * 1024;

/**
 * @param mostBytes at most so many an element takes
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
