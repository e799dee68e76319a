/**
 * Text that can be kept: PostgreSQL stores neither NUL nor half a surrogate pair, and no prompt
 * needs them.
 */
import { z } from 'zod';

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** A string of `min` to `max` characters that can be kept. */
export function textSchema(min: number, max: number) {
  return z.string().min(min).max(max).refine(isStorable, {
    error: 'holds a NUL character or half of a surrogate pair, which cannot be stored',
  });
}

/**
 * Any JSON value whose strings, keys included, can be kept. Not z.json(), whose recursion has no
 * name: the API's description would refer to a schema it does not hold.
 */
export const storableJsonSchema = z.unknown().refine(isStorableJson, {
  error:
    'holds a NUL character, half of a surrogate pair or a number too large, which cannot be stored',
});

function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value);
  // JSON.parse makes Infinity of 1e999, which is no JSON any more.
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorableJson(member));
}
