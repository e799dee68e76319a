/**
 * Remembers the custom ids of a file in 16 bytes each instead of their text: 32 MB for a million
 * ids. It stores the row and 96 bits of a hash with a secret key (HalfSipHash-1-3). A duplicate is
 * always found. Among a million different ids, the chance that two of them count as the same is 1
 * in 10¹⁷; the key is random for each file, so no such pair can be prepared.
 */
import { randomFillSync } from 'node:crypto';

export interface CustomIds {
  /** Returns the row that has used this id before, or null. Rows are numbered from 1. */
  claim(customId: string, row: number): number | null;
}

/** Words of a slot: three of the hash, then the row, which is 0 in a free slot. */
const words = 4;
const initialSlots = 1_024;
/** The share of used slots above which the table grows. */
const maxLoad = 0.75;

export function createCustomIds(): CustomIds {
  const keys = randomFillSync(new Uint32Array(4));
  const hash = new Uint32Array(4);
  let slots = initialSlots;
  let table = new Uint32Array(slots * words);
  let used = 0;

  /** Finds the slot with this hash, or the free slot where it belongs. */
  function find(into: Uint32Array, a: number, b: number, c: number): number {
    const mask = into.length / words - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const at = slot * words;
      if (into[at + 3] === 0 || (into[at] === a && into[at + 1] === b && into[at + 2] === c))
        return at;
    }
  }

  function put(into: Uint32Array, at: number, a: number, b: number, c: number, row: number): void {
    into[at] = a;
    into[at + 1] = b;
    into[at + 2] = c;
    into[at + 3] = row;
  }

  function grow(): void {
    const bigger = new Uint32Array(table.length * 2);
    for (let at = 0; at < table.length; at += words) {
      const [a = 0, b = 0, c = 0, row = 0] = [
        table[at],
        table[at + 1],
        table[at + 2],
        table[at + 3],
      ];
      if (row !== 0) put(bigger, find(bigger, a, b, c), a, b, c, row);
    }
    table = bigger;
    slots *= 2;
  }

  return {
    claim(customId, row) {
      halfSipHash(customId, keys[0] ?? 0, keys[1] ?? 0, hash, 0);
      halfSipHash(customId, keys[2] ?? 0, keys[3] ?? 0, hash, 2);
      const [a = 0, b = 0, c = 0] = [hash[0], hash[1], hash[2]];
      const at = find(table, a, b, c);
      const claimedBy = table[at + 3] ?? 0;
      if (claimedBy !== 0) return claimedBy;
      put(table, at, a, b, c, row);
      used += 1;
      if (used > slots * maxLoad) grow();
      return null;
    },
  };
}

/** Use it when all ids are known to differ. */
export const uniqueIds: CustomIds = { claim: () => null };

/** HalfSipHash-1-3 with a result of 64 bits, over the UTF-16 units of a text, two per word. */
function halfSipHash(text: string, k0: number, k1: number, out: Uint32Array, offset: number): void {
  let v0 = k0;
  let v1 = k1 ^ 0xee;
  let v2 = k0 ^ 0x6c796765;
  let v3 = k1 ^ 0x74656462;
  const round = (): void => {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  };
  const take = (word: number): void => {
    v3 ^= word;
    round();
    v0 ^= word;
  };
  const { length } = text;
  const even = length - (length % 2);
  for (let index = 0; index < even; index += 2)
    take(text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
  take((length << 16) | (even < length ? text.charCodeAt(even) : 0));
  v2 ^= 0xee;
  for (let count = 0; count < 3; count += 1) round();
  out[offset] = v1 ^ v3;
  v1 ^= 0xdd;
  for (let count = 0; count < 3; count += 1) round();
  out[offset + 1] = v1 ^ v3;
}
