/** Finds text after the quotation mark that closes a CSV cell, as in `"a" b,c`. */

/**
 * Returns the index of the first such cell, or undefined. `raw` is the record as the file has it.
 */
export function findStrayQuote(raw: string, delimiter: string): number | undefined {
  let position = 0;
  // The raw text of a record starts with the empty lines before it.
  while (isLineEnd(raw[position])) position += 1;
  for (let cell = 0; ; cell += 1) {
    if (raw[position] === '"') {
      position = skipQuoted(raw, position);
      const next = raw[position];
      if (next !== undefined && next !== delimiter && !isLineEnd(next)) return cell;
    } else {
      while (position < raw.length && raw[position] !== delimiter && !isLineEnd(raw[position]))
        position += 1;
    }
    if (raw[position] !== delimiter) return undefined;
    position += 1;
  }
}

/** Returns the position after the quotation mark that closes the cell opened here. */
function skipQuoted(raw: string, opening: number): number {
  let position = opening + 1;
  for (;;) {
    const mark = raw.indexOf('"', position);
    if (mark === -1) return raw.length;
    if (raw[mark + 1] !== '"') return mark + 1;
    position = mark + 2;
  }
}

function isLineEnd(character: string | undefined): boolean {
  return character === '\n' || character === '\r';
}
