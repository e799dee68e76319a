/**
 * Text that PostgreSQL can store: without NUL and without half a surrogate pair. No prompt needs
 * either.
 */
import { z } from 'zod';
import { maxJsonLevels } from '../bounded-json.ts';

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** A storable string of `min` to `max` characters. */
export function textSchema(min: number, max: number) {
  return z.string().min(min).max(max).refine(isStorable, {
    error: 'holds a NUL character or half of a surrogate pair, which cannot be stored',
  });
}

/**
 * Any JSON value whose strings and keys can be stored. z.json() is recursive without a name, so the
 * description of the API would refer to a schema that it does not contain.
 */
export const storableJsonSchema = z.unknown().refine((value) => isStorableJson(value), {
  error:
    'holds a NUL character, half of a surrogate pair, a number too large or more than ' +
    `${maxJsonLevels} levels, which cannot be stored`,
});

function isStorableJson(value: unknown, levels = maxJsonLevels): boolean {
  if (typeof value === 'string') return isStorable(value);
  // JSON.parse reads 1e999 as Infinity, which JSON cannot express.
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return (
    levels > 0 &&
    Object.entries(value).every(
      ([key, member]) => isStorable(key) && isStorableJson(member, levels - 1),
    )
  );
}
