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
const maxJudged = 40;
/** Escapes that are examined; after these the file is known well enough. */
const maxExamined = 2_000;
/** A longer run of characters without a space is not examined. */
const maxWordCharacters = 4_096;
/** What is judged of a long escape, as it stands and decoded. */
const judgedCharacters = 240;
const formats = [
  { encoding: 'UTF-7', read: readUtf7 },
  { encoding: 'HZ-GB-2312', read: readHz },
] as const;

export function createSevenBitDetector(): SevenBitDetector {
  let candidates = formats.map((format) => ({ ...format, found: new Map<string, Escape>() }));
  /** The word at the end of the last chunk, which goes on in the next one. */
  let carried = '';
  let offset = 0;
  let examined = 0;

  /** Examines each word of whole words that has one of the signs. */
  function examine(text: string): void {
    const start = offset - carried.length;
    const sign = /[+~]/g;
    for (let match = sign.exec(text); match !== null; match = sign.exec(text)) {
      if (examined >= maxExamined || candidates.length === 0) return;
      const [from, to] = wordAround(text, match.index);
      sign.lastIndex = to;
      if (to - from <= maxWordCharacters) examineWord(text.slice(from, to), start + from);
    }
  }

  function examineWord(word: string, position: number): void {
    candidates = candidates.filter(({ read, found }) => {
      const escapes = read(word);
      examined += escapes?.length ?? 0;
      for (const each of escapes ?? [])
        if (found.size < maxJudged && !found.has(each.text))
          found.set(each.text, { ...each, offset: position + each.offset });
      return escapes !== undefined;
    });
  }

  return {
    add(chunk) {
      if (candidates.length === 0 || examined >= maxExamined) return;
      if (!isAscii(chunk)) {
        candidates = [];
        return;
      }
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const text = carried + bytes.toString('latin1');
      // The beginning of a long word is forgotten: it is not examined.
      const first = Math.max(0, text.length - maxWordCharacters - 1);
      let end = text.length;
      while (end > first && !isSpace(text.charCodeAt(end - 1))) end -= 1;
      examine(text.slice(0, end));
      offset += chunk.length;
      carried = text.slice(end);
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

function wordAround(text: string, index: number): [from: number, to: number] {
  let from = index;
  while (from > 0 && !isSpace(text.charCodeAt(from - 1))) from -= 1;
  let to = index + 1;
  while (to < text.length && !isSpace(text.charCodeAt(to))) to += 1;
  return [from, to];
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

const base64 = new Map(
  Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (letter, bits) => [
    letter,
    bits,
  ]),
);
/** The letters around an escape, with which it is a word. */
const maxContext = 20;

/** The escapes of a word, with the letters around them; undefined if one is not valid. */
function readUtf7(word: string): Escape[] | undefined {
  const escape = /\+([A-Za-z0-9+/]*)(-?)/y;
  const context = /[A-Za-z]{0,20}/y;
  const escapes: Escape[] = [];
  let done = 0;
  for (let at = word.indexOf('+'); at !== -1; at = word.indexOf('+', done)) {
    let start = at;
    while (start > Math.max(done, at - maxContext) && /[A-Za-z]/.test(word[start - 1] ?? ''))
      start -= 1;
    let decoded = word.slice(start, at);
    let isEscaped = false;
    done = at;
    while (word[done] === '+') {
      escape.lastIndex = done;
      const [whole = '', letters = '', end = ''] = escape.exec(word) ?? [];
      const text = letters === '' && end === '-' ? '+' : decodeBase64Units(letters);
      if (text === undefined) return undefined;
      isEscaped ||= letters !== '';
      context.lastIndex = done + whole.length;
      const [after = ''] = context.exec(word) ?? [];
      decoded += text + after;
      done += whole.length + after.length;
    }
    if (isEscaped) escapes.push(cut({ offset: start, text: word.slice(start, done), decoded }));
  }
  return escapes;
}

/** Undefined unless the letters are whole UTF-16 units, followed by fewer than six zero bits. */
function decodeBase64Units(letters: string): string | undefined {
  const units: number[] = [];
  let bits = 0;
  let bitCount = 0;
  for (const letter of letters) {
    bits = (bits << 6) | (base64.get(letter) ?? 0);
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
  const escape = /~\{((?:[!-w][!-~])+)~\}/y;
  const escapes: Escape[] = [];
  for (let at = word.indexOf('~'); at !== -1; at = word.indexOf('~', at)) {
    const next = word[at + 1];
    if (next === '~' || next === undefined) {
      at += 2; // a tilde, or a line that goes on
      continue;
    }
    escape.lastIndex = at;
    const [text = '', inside = ''] = escape.exec(word) ?? [];
    const bytes = Buffer.from(inside, 'latin1').map((byte) => byte | 0x80);
    const decoded = decodeBytes('gb18030', bytes);
    if (text === '' || decoded === undefined || !isFit(decoded)) return undefined;
    escapes.push(cut({ offset: at, text, decoded }));
    at += text.length;
  }
  return escapes;
}

/** Judging takes time for each character, so only the beginning of a long escape is judged. */
function cut({ offset, text, decoded }: Escape): Escape {
  return {
    offset,
    text: text.slice(0, judgedCharacters),
    decoded: decoded.slice(
      0,
      Math.ceil((decoded.length * judgedCharacters) / Math.max(text.length, judgedCharacters)),
    ),
  };
}

function isFit(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !unfitCharacter.test(text) && !/[\0-\u0008\u000e-\u001f]/.test(text);
}
