/**
 * Recognises UTF-7 and HZ-GB-2312. Their files consist of ASCII, so they would be read as UTF-8,
 * and their escapes (`M+AOQ-dchen`, `~{Dc~}`) would be sent and paid for as they stand.
 * `TextDecoder` has neither of them, so such files are refused (`detect-encoding.ts`,
 * `open-jsonl.ts`).
 *
 * Usual text has `+`, `-` and `~`, too. So everything in the file that begins like an escape has to
 * be a valid one, and its characters have to be a more probable text than the escape as it stands.
 */
import { isAscii } from 'node:buffer';
import { decodeBytes, gainOf } from './judge-encoding.ts';
import { unfitCharacter } from './find-invalid-byte.ts';

export interface SevenBitFinding {
  encoding: 'UTF-7' | 'HZ-GB-2312';
  /** The first escape: its position in the file, as it stands, and what it means. */
  offset: number;
  text: string;
  decoded: string;
}

export interface SevenBitDetector {
  add(chunk: Uint8Array): void;
  /** Call it after the last chunk. Undefined for a file that is what it seems. */
  end(): SevenBitFinding | undefined;
}

interface Escape {
  offset: number;
  text: string;
  decoded: string;
}

/** How much more probable the characters have to be: a factor of e^10. Hardly any file has them. */
const clearGain = 10;
/** Escapes that are judged; a file has far more of them than a judgement needs. */
const maxEscapes = 100;
/** A longer run of characters without a space is not examined. */
const maxWordCharacters = 4_096;
const formats = [
  { encoding: 'UTF-7', read: readUtf7 },
  { encoding: 'HZ-GB-2312', read: readHz },
] as const;

export function createSevenBitDetector(): SevenBitDetector {
  let candidates = formats.map((format) => ({ ...format, found: new Map<string, Escape>() }));
  /** The word at the end of the last chunk, which goes on in the next one. */
  let carried = '';
  let offset = 0;

  function examine(text: string): void {
    const start = offset - carried.length;
    let at = 0;
    for (const word of text.split(/(\s+)/)) {
      if (word.length <= maxWordCharacters && /[+~]/.test(word))
        candidates = candidates.filter(({ read, found }) => {
          const escapes = read(word);
          for (const each of escapes ?? [])
            if (found.size < maxEscapes && !found.has(each.text))
              found.set(each.text, { ...each, offset: start + at + each.offset });
          return escapes !== undefined;
        });
      at += word.length;
    }
  }

  return {
    add(chunk) {
      if (candidates.length === 0) return;
      if (!isAscii(chunk)) {
        candidates = [];
        return;
      }
      const text = carried + Buffer.from(chunk).toString('latin1');
      const end = text.search(/\S*$/);
      examine(text.slice(0, end));
      offset += chunk.length;
      // The beginning of a long word is forgotten: it is not examined.
      carried = text.slice(Math.max(end, text.length - maxWordCharacters - 1));
    },
    end() {
      examine(carried);
      for (const { encoding, found } of candidates) {
        const escapes = [...found.values()];
        const [first] = escapes;
        const gain = escapes.reduce((sum, each) => sum + gainOf(each), 0);
        if (first !== undefined && gain >= clearGain) return { encoding, ...first };
      }
      return undefined;
    },
  };
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The escapes of a word, with the letters around them; undefined if one is not valid. */
function readUtf7(word: string): Escape[] | undefined {
  const escapes: Escape[] = [];
  for (const match of word.matchAll(/[A-Za-z]*(?:\+[A-Za-z0-9+/]*-?[A-Za-z]*)+/g)) {
    let isValid = true;
    let isEscaped = false;
    const decoded = match[0].replaceAll(
      /\+([A-Za-z0-9+/]*)(-?)/g,
      (_, letters: string, end: string) => {
        if (letters === '' && end === '-') return '+';
        const text = decodeBase64Units(letters);
        isValid &&= text !== undefined;
        isEscaped = true;
        return text ?? '';
      },
    );
    if (!isValid) return undefined;
    if (isEscaped) escapes.push({ offset: match.index, text: match[0], decoded });
  }
  return escapes;
}

/** Undefined unless the letters are whole UTF-16 units, followed by fewer than six zero bits. */
function decodeBase64Units(letters: string): string | undefined {
  const units: number[] = [];
  let bits = 0;
  let bitCount = 0;
  for (const letter of letters) {
    bits = ((bits << 6) | base64.indexOf(letter)) & 0x3fffff;
    bitCount += 6;
    if (bitCount < 16) continue;
    bitCount -= 16;
    units.push((bits >> bitCount) & 0xffff);
    bits &= (1 << bitCount) - 1;
  }
  const text = String.fromCharCode(...units);
  if (units.length === 0 || bitCount >= 6 || bits !== 0 || !text.isWellFormed()) return undefined;
  return isFit(text) ? text : undefined;
}

/** `~{` begins pairs of GB 2312 without their highest bits, and `~}` ends them. */
function readHz(word: string): Escape[] | undefined {
  const escapes: Escape[] = [];
  for (let at = word.indexOf('~'); at !== -1; at = word.indexOf('~', at)) {
    const next = word[at + 1];
    if (next === '~' || next === undefined) {
      at += 2; // a tilde, or a line that goes on
      continue;
    }
    const pairs = /^~\{((?:[!-w][!-~])+)~\}/.exec(word.slice(at));
    if (pairs === null) return undefined;
    const [text, inside = ''] = pairs;
    const bytes = Buffer.from(inside, 'latin1').map((byte) => byte | 0x80);
    const decoded = decodeBytes('gb18030', bytes);
    if (decoded === undefined || !isFit(decoded)) return undefined;
    escapes.push({ offset: at, text, decoded });
    at += text.length;
  }
  return escapes;
}

function isFit(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !unfitCharacter.test(text) && !/[\0-\u0008\u000e-\u001f]/.test(text);
}
