/**
 * Breaks text into lines of a given width, at spaces and between wide characters, and clips the
 * remainder.
 */
import { isWide, measureText, splitGraphemes } from './lettering.ts';

const ellipsis = '…';

/**
 * Number of graphemes that are measured, which is more than fits on any caption. A prompt may have
 * 32,000 characters, and measuring all of them would waste time.
 */
const longest = 400;

/** `width` is in ems. Returns at least one line; it is empty for a text of spaces. */
export function breakLines(text: string, width: number, maxLines: number): string[] {
  // Allow 4 UTF-16 units per grapheme; cutting first keeps the segmenter off the whole prompt.
  const trimmed = text
    .slice(0, longest * 4)
    .replace(/\s+/gu, ' ')
    .trim();
  const lines: string[] = [''];
  const words = splitWords(splitGraphemes(trimmed).slice(0, longest), width);
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    if (line === '' || measureText(line + word.trimEnd()) <= width) {
      lines[lines.length - 1] = line + (line === '' ? word.trimStart() : word);
    } else {
      lines.push(word.trimStart());
    }
    if (lines.length > maxLines) break;
  }
  const isClipped = lines.length > maxLines || text.trim().length > longest * 4;
  const kept = lines.slice(0, maxLines).map((line) => line.trimEnd());
  if (isClipped) kept.push(clip(kept.pop() ?? '', width));
  return kept;
}

/**
 * A word keeps the space after it; a wide character is a word; a word longer than a line is cut.
 */
function splitWords(graphemes: readonly string[], width: number): string[] {
  const words: string[] = [];
  let word = '';
  for (const grapheme of graphemes) {
    if (
      word !== '' &&
      (isWide(grapheme) || word.endsWith(' ') || measureText(word + grapheme) > width)
    ) {
      words.push(word);
      word = '';
    }
    word += grapheme;
    if (isWide(grapheme)) {
      words.push(word);
      word = '';
    }
  }
  return word === '' ? words : [...words, word];
}

function clip(line: string, width: number): string {
  const graphemes = splitGraphemes(line);
  while (graphemes.length > 0 && measureText(graphemes.join('') + ellipsis) > width)
    graphemes.pop();
  return graphemes.join('').trimEnd() + ellipsis;
}
