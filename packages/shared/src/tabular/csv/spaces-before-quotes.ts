/**
 * Removes the spaces between a delimiter and the quotation mark that opens a cell, as in
 * `1, "A boat, with a sail"`. Without this, the mark would be text and the cell would end at the
 * comma inside it. Spaces before any other text stay, because a prompt may begin with them.
 */

const quotationMark = 0x22;
const space = 0x20;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from('\ufeff');

/** Spaces that are held back at the end of a piece. A longer run is left as it is. */
const maxHeldSpaces = 1_000;

export interface SpaceRemover {
  /** Returns the piece without such spaces. The spaces at its end may come with the next one. */
  push(piece: Uint8Array): Uint8Array;
  /** Returns the bytes that were held back. */
  end(): Uint8Array;
}

/** @param onRemoved is called for each cell whose spaces were removed */
export function createSpaceRemover(delimiter: string, onRemoved: () => void): SpaceRemover {
  const separator = delimiter.charCodeAt(0);
  /** `closing`: a quotation mark inside a quoted cell, which closes it or is the first of two. */
  let state: 'plain' | 'quoted' | 'closing' = 'plain';
  /** The first bytes of the file until a byte order mark can be recognised; null after that. */
  let beginning: Uint8Array | null = new Uint8Array();
  let heldSpaces: Uint8Array = new Uint8Array();
  /** The bytes before the next ones end where a cell begins. */
  let isAtCell = true;

  function endsCell(byte: number | undefined): boolean {
    return byte === separator || byte === lineFeed || byte === carriageReturn;
  }

  /** The position of the spaces before the mark if it opens a cell, else undefined. */
  function findOpening(bytes: Uint8Array, mark: number, from: number): number | undefined {
    let start = mark;
    while (start > from && bytes[start - 1] === space) start -= 1;
    return (start === 0 ? isAtCell : endsCell(bytes[start - 1])) ? start : undefined;
  }

  function removeSpaces(bytes: Uint8Array): Uint8Array {
    const kept: Uint8Array[] = [];
    let keptTo = 0;
    let position = 0;
    if (state === 'closing') {
      const isEscaped = bytes[0] === quotationMark;
      state = isEscaped ? 'quoted' : 'plain';
      position = isEscaped ? 1 : 0;
    }
    for (;;) {
      const mark = bytes.indexOf(quotationMark, position);
      if (mark === -1) break;
      const from = position;
      position = mark + 1;
      if (state === 'plain') {
        const start = findOpening(bytes, mark, from);
        if (start === undefined) continue;
        state = 'quoted';
        if (start === mark) continue;
        kept.push(bytes.subarray(keptTo, start));
        keptTo = mark;
        onRemoved();
      } else if (position === bytes.length) {
        state = 'closing';
      } else if (bytes[position] === quotationMark) {
        position += 1;
      } else {
        state = 'plain';
      }
    }
    return kept.length === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(keptTo)]);
  }

  function clean(piece: Uint8Array): Uint8Array {
    if (piece.length === 0) return piece;
    const cleaned = removeSpaces(
      heldSpaces.length === 0 ? piece : Buffer.concat([heldSpaces, piece]),
    );
    heldSpaces = new Uint8Array();
    if (state !== 'plain') {
      isAtCell = false;
      return cleaned;
    }
    let end = cleaned.length;
    while (end > 0 && cleaned[end - 1] === space && cleaned.length - end < maxHeldSpaces) end -= 1;
    isAtCell = end === 0 ? isAtCell : endsCell(cleaned[end - 1]);
    if (!isAtCell) return cleaned;
    heldSpaces = cleaned.subarray(end);
    return cleaned.subarray(0, end);
  }

  return {
    push(piece) {
      if (beginning === null) return clean(piece);
      const bytes = Buffer.concat([beginning, piece]);
      const markBytes = byteOrderMark.length;
      if (bytes.length < markBytes) {
        beginning = bytes;
        return new Uint8Array();
      }
      beginning = null;
      if (!bytes.subarray(0, markBytes).equals(byteOrderMark)) return clean(bytes);
      return Buffer.concat([byteOrderMark, clean(bytes.subarray(markBytes))]);
    },
    end: () => Buffer.concat([beginning ?? new Uint8Array(), heldSpaces]),
  };
}
