/**
 * Sets a line of text as SVG: in the stroke alphabet where possible, in the machine's fonts for
 * other scripts (Japanese among them). Where no font has a character, the text engine draws a box
 * (measured, also with no font installed). All widths are in ems; one em is 20 glyph units.
 */
import { capHeight, glyphs, siblings, sideBearing, type Glyph } from './glyphs.ts';
import { round } from './rounding.ts';

const unitsPerEm = 20;

/** Fonts for text outside the alphabet, best first; the last is fontconfig's choice. */
const fontFamilies =
  "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu " +
  "Gothic','Meiryo','IPAexGothic','IPAGothic',sans-serif";

const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' });

export interface Pen {
  /** Left end of the baseline, in pixels. */
  x: number;
  baseline: number;
  /** Pixels per em. */
  size: number;
  colour: string;
}

export function splitGraphemes(text: string): string[] {
  return Array.from(graphemes.segment(text.toWellFormed()), (part) => part.segment);
}

/** True when a line may break on either side of it, as between two kanji. */
export function isWide(grapheme: string): boolean {
  return findGlyph(grapheme) === null && (grapheme.codePointAt(0) ?? 0) >= 0x1100;
}

export function measureText(text: string): number {
  return splitGraphemes(text).reduce((width, grapheme) => width + measureGrapheme(grapheme), 0);
}

export function drawText(text: string, pen: Pen): string {
  const scale = pen.size / unitsPerEm;
  let strokes = '';
  let others = '';
  let run = '';
  let runX = 0;
  let x = pen.x;
  const endRun = () => {
    if (run !== '') others += drawForeign(run, runX, pen);
    run = '';
  };
  for (const grapheme of splitGraphemes(text)) {
    const glyph = findGlyph(grapheme);
    // Scripts that join letters need the whole run; wide characters are placed one by one.
    if (glyph !== null || isWide(grapheme)) endRun();
    if (glyph === null) {
      if (run === '') runX = x;
      run += grapheme;
    } else if (glyph[1] !== '') {
      const left = round(x + (sideBearing / 2) * scale);
      strokes +=
        `<path transform="translate(${left}` +
        ` ${round(pen.baseline - capHeight * scale)}) scale(${scale.toFixed(4)})"` +
        ` d="${glyph[1]}"/>`;
    }
    x += measureGrapheme(grapheme) * pen.size;
  }
  endRun();
  return (
    `<g fill="none" stroke="${pen.colour}" stroke-width="1.75"` +
    ` stroke-linecap="round" stroke-linejoin="round">${strokes}</g>${others}`
  );
}

/** Draws an accented Latin letter as its base letter (é as e). Returns null for other scripts. */
function findGlyph(grapheme: string): Glyph | null {
  const plain = siblings[grapheme] ?? grapheme;
  const [base = '', ...marks] = plain.normalize('NFD');
  if (!marks.every((mark) => /\p{M}/u.test(mark))) return null;
  return glyphs[base] ?? null;
}

function measureGrapheme(grapheme: string): number {
  const glyph = findGlyph(grapheme);
  if (glyph !== null) return (glyph[0] + sideBearing) / unitsPerEm;
  return isWide(grapheme) ? 1 : 0.6;
}

function drawForeign(text: string, x: number, pen: Pen): string {
  return (
    `<text x="${round(x)}" y="${round(pen.baseline)}"` +
    ` font-size="${round(pen.size * 0.94)}" font-family="${fontFamilies}"` +
    ` fill="${pen.colour}">${escapeXml(text)}</text>`
  );
}

/**
 * Escapes text for elements and attribute values; characters that XML 1.0 forbids become U+FFFD.
 */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
