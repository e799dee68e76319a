/**
 * The encodings that a text may have when nothing says which, with the languages that are written
 * in each, and how usual each is. An encoding that is missing here can still be declared.
 */
import type { IdeographicLanguage } from './score-ideographs.ts';
import type { LetteredLanguage } from './score-words.ts';
import type { DosEncoding } from './dos-encodings.ts';
import type { Encoding } from './encodings.ts';

export type Language = LetteredLanguage | IdeographicLanguage;

export interface Candidate {
  encoding: Encoding | DosEncoding;
  /** How much rarer than the usual encoding of its languages, as a natural logarithm. */
  rarity: number;
  /** The usual languages. Any other may occur too, but is far less probable. */
  languages: readonly Language[];
}

const western: readonly Language[] = [
  'english',
  'german',
  'french',
  'spanish',
  'portuguese',
  'italian',
  'dutch',
  'swedish',
  'danish',
  'norwegian',
  'finnish',
  'icelandic',
  'catalan',
];
const central: readonly Language[] = [
  'polish',
  'czech',
  'slovak',
  'hungarian',
  'slovenian',
  'croatian',
  'romanian',
];
const cyrillic: readonly Language[] = [
  'russian',
  'ukrainian',
  'bulgarian',
  'serbian',
  'belarusian',
];

export const candidates: readonly Candidate[] = [
  { encoding: 'windows-1252', rarity: 0, languages: western },
  { encoding: 'shift_jis', rarity: 0, languages: ['japanese'] },
  { encoding: 'gb18030', rarity: 0, languages: ['simplified-chinese'] },
  { encoding: 'big5', rarity: 0, languages: ['traditional-chinese'] },
  { encoding: 'euc-kr', rarity: 0, languages: ['korean'] },
  { encoding: 'windows-1251', rarity: 0, languages: cyrillic },
  { encoding: 'windows-1250', rarity: 1, languages: central },
  { encoding: 'euc-jp', rarity: 1, languages: ['japanese'] },
  { encoding: 'windows-1254', rarity: 1, languages: ['turkish'] },
  { encoding: 'windows-1253', rarity: 0, languages: ['greek'] },
  { encoding: 'windows-1255', rarity: 0, languages: ['hebrew'] },
  { encoding: 'windows-1256', rarity: 0, languages: ['arabic', 'persian'] },
  { encoding: 'windows-1257', rarity: 2, languages: ['lithuanian', 'latvian', 'estonian'] },
  { encoding: 'windows-1258', rarity: 3, languages: ['vietnamese'] },
  { encoding: 'windows-874', rarity: 0, languages: ['thai'] },
  { encoding: 'iso-8859-15', rarity: 3, languages: western },
  { encoding: 'iso-8859-2', rarity: 2, languages: central },
  { encoding: 'koi8-r', rarity: 2, languages: ['russian'] },
  { encoding: 'koi8-u', rarity: 3, languages: ['ukrainian'] },
  { encoding: 'iso-8859-5', rarity: 3, languages: cyrillic },
  { encoding: 'iso-8859-7', rarity: 2, languages: ['greek'] },
  { encoding: 'iso-8859-8', rarity: 3, languages: ['hebrew'] },
  { encoding: 'iso-8859-6', rarity: 3, languages: ['arabic'] },
  { encoding: 'iso-8859-13', rarity: 4, languages: ['lithuanian', 'latvian', 'estonian'] },
  { encoding: 'iso-8859-4', rarity: 5, languages: ['lithuanian', 'latvian', 'estonian'] },
  { encoding: 'iso-8859-16', rarity: 4, languages: central },
  { encoding: 'ibm866', rarity: 3, languages: cyrillic },
  { encoding: 'macintosh', rarity: 4, languages: western },
  { encoding: 'cp850', rarity: 4, languages: western },
  { encoding: 'cp437', rarity: 4, languages: western },
  { encoding: 'cp852', rarity: 4, languages: central },
  { encoding: 'x-mac-cyrillic', rarity: 4, languages: cyrillic },
];
