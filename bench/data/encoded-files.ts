/**
 * Small CSV files of prompts in many languages and encodings, to measure which encoding a reader
 * takes them to have. Each prompt is put together from three phrases, so that no two files have the
 * same words. The same arguments give the same files.
 */
import type { TextEncoding } from '@kiln/shared/domain/text/text-encodings';
import { canEncode, encodeText } from '../../tests/unit/tabular/text/encode-text.ts';
import phrases from './phrases.json' with { type: 'json' };

export type CorpusLanguage = keyof typeof phrases;

export interface EncodedFile {
  language: CorpusLanguage;
  encoding: TextEncoding;
  rows: number;
  prompts: readonly string[];
  bytes: Buffer;
}

export const corpusLanguages = Object.keys(phrases) as CorpusLanguage[];

export const corpusEncodings: readonly TextEncoding[] = [
  'utf-8',
  'utf-16le',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'iso-8859-2',
  'iso-8859-15',
  'koi8-r',
  'macintosh',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'gb18030',
  'big5',
  'euc-kr',
];

const corpusRows = [1, 3, 10, 50] as const;

/** Too few phrases would make files that hardly have a letter outside ASCII. */
const fewestSubjects = 4;

/**
 * @param copies files of each language, encoding and number of rows
 * @param seed other seeds give other prompts
 */
export function* encodedFiles(copies: number, seed = 1): Generator<EncodedFile> {
  for (const language of corpusLanguages) {
    for (const encoding of corpusEncodings) {
      const parts = encodableParts(language, encoding);
      if (parts === null) continue;
      for (const rows of corpusRows) {
        for (let copy = 0; copy < copies; copy += 1) {
          const pick = createPicker(`${language} ${encoding} ${rows} ${copy} ${seed}`);
          const prompts = Array.from({ length: rows }, () => composePrompt(language, parts, pick));
          const lines = prompts.map((prompt, row) => `${row + 1},"${prompt}"\r\n`).join('');
          const text = `custom_id,prompt\r\n${lines}`;
          const mark = encoding === 'utf-16le' ? '\ufeff' : '';
          yield { language, encoding, rows, prompts, bytes: encodeText(mark + text, encoding) };
        }
      }
    }
  }
}

type Parts = Record<'subjects' | 'places' | 'styles', string[]>;

/** The phrases that the encoding can write; null if it is no encoding for this language. */
function encodableParts(language: CorpusLanguage, encoding: TextEncoding): Parts | null {
  const all = phrases[language];
  const isWritable = (text: string): boolean => canEncode(text, encoding);
  const subjects = all.subjects.filter(isWritable);
  const places = all.places.filter(isWritable);
  const styles = all.styles.filter(isWritable);
  const isMade = [...all.subjects, ...all.places]
    .filter((text) => !isAscii(text))
    .every(isWritable);
  const isUsual = isMade || (subjects.length >= fewestSubjects && isWestern(encoding, language));
  return isUsual && places.length > 0 && styles.length > 0 ? { subjects, places, styles } : null;
}

/** English texts have quotation marks and dashes that ISO-8859 lacks. */
function isWestern(encoding: TextEncoding, language: CorpusLanguage): boolean {
  return encoding.startsWith('iso-8859') && ['French', 'English', 'Polish'].includes(language);
}

function composePrompt(language: CorpusLanguage, parts: Parts, pick: Picker): string {
  const [comma, space] = separatorsOf(language);
  return `${pick(parts.subjects)}${space}${pick(parts.places)}${comma}${pick(parts.styles)}`;
}

function separatorsOf(language: CorpusLanguage): [comma: string, space: string] {
  if (language === 'Japanese') return ['、', '、'];
  return language.startsWith('Chinese') ? ['，', ''] : [', ', ' '];
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

type Picker = (from: readonly string[]) => string;

/** Picks by a generator of pseudo-random numbers (mulberry32) that starts from the text. */
function createPicker(text: string): Picker {
  let state = 0;
  for (const character of text) state = (Math.imul(state, 31) + character.charCodeAt(0)) | 0;
  return (from) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const index = ((mixed ^ (mixed >>> 14)) >>> 0) % from.length;
    return from[index] ?? '';
  };
}
