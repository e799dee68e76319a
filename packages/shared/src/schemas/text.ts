/**
 * Text of strangers. PostgreSQL stores neither NUL nor half of a surrogate pair, and a text that is
 * cut between the halves of an emoji ends in such a half. Requests with either are refused, because
 * no prompt needs them. All other text is cleaned where it is written, and cut by code points.
 */
import { z } from 'zod';
import { maxJsonLevels } from '../bounded-json.ts';

/** True if PostgreSQL can store the text. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Replaces what PostgreSQL cannot store by U+FFFD, the replacement character. */
export function toStorable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The first `characters` code points of the text, storable. */
export function cutText(text: string, characters: number): string {
  if (text.length <= characters) return toStorable(text);
  // A code point has at most two units, so the rest of a long text need not be looked at.
  const points = Array.from(text.slice(0, 2 * characters));
  return toStorable(points.slice(0, characters).join(''));
}

/** Like `cutText`, with an ellipsis where something was cut off. */
export function shorten(text: string, characters: number): string {
  const cut = cutText(text, characters);
  return cut.length < text.length ? `${cut}…` : cut;
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
