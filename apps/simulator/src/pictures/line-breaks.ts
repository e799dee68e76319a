/**
 * Breaks a text into lines of a given width, at spaces and between wide characters, and clips what
 * is left over.
 */
import { isWide, measureText, splitGraphemes } from './lettering.ts';

const ellipsis = '…';

/**
 * More than ever fits on a caption: a prompt may have 32,000 characters, and measuring them all is
 * wasted.
 */
const longest = 400;

/** `width` is in ems. Always at least one line, which is empty for a text of spaces. */
export function breakLines(text: string, width: number, maxLines: number): string[] {
  // 4 UTF-16 units a grapheme is generous; cutting first keeps the segmenter off the whole prompt.
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
 * Words keep the space that follows them; a wide character is a word; one longer than a line is
 * cut.
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
