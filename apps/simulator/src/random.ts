/**
 * Repeatable random numbers, derived from text, so that the same call always gets the same faults
 * and the same picture.
 */
import { createHash } from 'node:crypto';

/** A number in [0, 1): a pure function of its arguments, so concurrent calls share no state. */
export function drawNumber(...parts: readonly (string | number)[]): number {
  return hash32(parts.join('\u0000')) / 0x1_0000_0000;
}

export interface Random {
  /** Returns the next number in [0, 1). */
  next(): number;
  /** Returns the next number in [min, max). */
  between(min: number, max: number): number;
  /** Returns the next whole number in [min, max]. */
  whole(min: number, max: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
}

/** Creates a stream of numbers (mulberry32) for one picture. */
export function createRandom(...parts: readonly (string | number)[]): Random {
  let state = hash32(parts.join('\u0000'));
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    whole: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  };
}

/** The first 32 bits of SHA-256. */
function hash32(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE(0);
}
