/** Text that can be kept: PostgreSQL stores neither NUL nor half a surrogate pair, and no prompt needs them. */
import { z } from 'zod';

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** A string of `min` to `max` characters that can be kept. */
export function textSchema(min: number, max: number) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine(isStorable, { error: 'holds a NUL character or half of a surrogate pair, which cannot be stored' });
}

/** Any JSON value whose strings, keys included, can be kept. */
export const storableJsonSchema = z
  .json()
  .refine(isStorableJson, { error: 'holds a NUL character or half of a surrogate pair, which cannot be stored' });

function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorableJson(member));
}
