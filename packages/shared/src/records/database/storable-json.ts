/**
 * JSON for jsonb columns. PostgreSQL refuses NUL and halves of surrogate pairs, which a provider's
 * answer may hold: each becomes U+FFFD, the replacement character, in values and in names.
 */

/** `JSON.stringify` writes these characters, and a few others, as escapes. */
const escapes = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|[^])/g;

export function toStorableJson(value: object): string {
  return JSON.stringify(value).replace(escapes, (escape) =>
    escape.length === 2 ? escape : '\\ufffd',
  );
}
