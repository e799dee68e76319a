/**
 * JSON for json and jsonb columns, and for parameters that PostgreSQL reads as JSON. It refuses NUL
 * and halves of surrogate pairs, which the text of a stranger may hold: each becomes U+FFFD, the
 * replacement character, in values and in names. All JSON that is written to the records is made
 * here; a test keeps it so.
 */

/** `JSON.stringify` writes these characters, and a few others, as escapes. */
const escapes = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|[^])/g;

export function toStorableJson(value: object): string {
  const json = JSON.stringify(value);
  // Most texts hold none, and a million rows are written this way.
  if (!json.includes('\\u')) return json;
  return json.replace(escapes, (escape) => (escape.length === 2 ? escape : '\\ufffd'));
}
