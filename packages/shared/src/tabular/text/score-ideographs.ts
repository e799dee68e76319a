/**
 * Says how well a piece of text fits Chinese, Japanese or Korean, by how frequent its characters
 * are. Besides the lists of `common-characters.ts` it uses the order of the national character
 * sets: each has the usual characters before the rare ones. The result is a cost like that of
 * `score-words.ts`.
 */
import {
  commonHangul,
  commonHanzi,
  commonHiragana,
  commonKanji,
  commonTraditionalHanzi,
} from './common-characters.ts';

export const ideographicLanguages = [
  'japanese',
  'simplified-chinese',
  'traditional-chinese',
  'korean',
] as const;
export type IdeographicLanguage = (typeof ideographicLanguages)[number];

/** The costs of the classes of characters; a class is tried before those below it. */
interface CharacterCosts {
  common: string;
  /** The first hundred characters of `common`, the others, and the other usual characters. */
  first: number;
  common2: number;
  usual: number;
  usualOf: () => ReadonlySet<string>;
  other: readonly [RegExp, number][];
}

const latinLetter = 4;
/** A Latin letter or sign beside one of the own script: rare, but frequent in wrong readings. */
const scriptChange = 3;
/** A small letter hardly ever stands beside an ideograph; it is the second half of one. */
const smallLetterChange = 6;
const rareCharacter = 16;
/** Half-width katakana: hardly any text has it, but some old programs write all of theirs in it. */
const halfWidthText = 7;
const halfWidth = /[\uff61-\uff9f]/u;
const asciiSign = 6;

const punctuation: readonly [RegExp, number][] = [
  [/[、。，！？：；“”‘’（）《》「」『』〈〉【】…—～・·　]/u, 4.5],
  [/[×°→←↑↓①-⑳％℃〜]/u, 8],
  [/[Ａ-Ｚａ-ｚ０-９－＋／．]/u, 8],
];

const languageCosts: Readonly<Record<IdeographicLanguage, CharacterCosts>> = {
  japanese: {
    common: commonKanji,
    first: 6.4,
    common2: 7.8,
    usual: 10.3,
    usualOf: once(() => decodeRange('euc-jp', [0xb0, 0xcf], [0xa1, 0xfe])),
    other: [
      [new RegExp(`[${commonHiragana.slice(0, 20)}]`, 'u'), 3.6],
      [/[ぁ-ん]/u, 5.3],
      [/[ァ-ヶー]/u, 5.8],
      [/[々〆]/u, 7.5],
      ...punctuation,
      [halfWidth, 5.5],
      [/\p{Script=Han}/u, 13.5],
    ],
  },
  'simplified-chinese': {
    common: commonHanzi,
    first: 5.8,
    common2: 7,
    usual: 9.7,
    usualOf: once(() => decodeRange('gb18030', [0xb0, 0xd7], [0xa1, 0xfe])),
    other: [...punctuation, [/\p{Script=Han}/u, 13]],
  },
  'traditional-chinese': {
    common: commonTraditionalHanzi,
    first: 5.8,
    common2: 7,
    usual: 10.1,
    usualOf: once(() => decodeRange('big5', [0xa4, 0xc6], [0x40, 0xfe])),
    other: [...punctuation, [/\p{Script=Han}/u, 13.5]],
  },
  korean: {
    common: commonHangul,
    first: 5,
    common2: 6.6,
    usual: 10.2,
    usualOf: once(() => decodeRange('euc-kr', [0xb0, 0xc8], [0xa1, 0xfe])),
    other: [...punctuation, [/[가-힣]/u, 15], [/\p{Script=Han}/u, 14]],
  },
};

const ranks = new Map<IdeographicLanguage, Map<string, number>>();

export function costOfIdeographs(text: string, language: IdeographicLanguage): number {
  let total = 0;
  let isHalfWidth = false;
  let previous: 'own' | 'latin' | 'small' | 'other' = 'other';
  for (const character of text) {
    if (character < '\u0080') {
      const isLetter = /[a-z]/i.test(character);
      total += isLetter ? latinLetter : /\d/.test(character) ? 2.5 : asciiSign;
      const isSmall = /[a-z]/.test(character);
      if (isLetter && previous === 'own') total += isSmall ? smallLetterChange : scriptChange;
      previous = isSmall ? 'small' : isLetter ? 'latin' : 'other';
    } else {
      if (halfWidth.test(character) && !isHalfWidth) total += halfWidthText;
      isHalfWidth = halfWidth.test(character);
      total += costOf(character, language);
      const isOwn = /[\p{L}\p{M}]/u.test(character);
      if (isOwn && previous === 'latin') total += scriptChange;
      if (isOwn && previous === 'small') total += smallLetterChange;
      previous = isOwn ? 'own' : 'other';
    }
  }
  return total;
}

function costOf(character: string, language: IdeographicLanguage): number {
  const { first, common2, usual, usualOf, other } = languageCosts[language];
  const rank = ranksOf(language).get(character);
  if (rank !== undefined) return rank < 100 ? first : common2;
  if (usualOf().has(character)) return usual;
  return other.find(([characters]) => characters.test(character))?.[1] ?? rareCharacter;
}

function ranksOf(language: IdeographicLanguage): Map<string, number> {
  const known = ranks.get(language);
  if (known !== undefined) return known;
  const byCharacter = new Map<string, number>();
  for (const [rank, character] of Array.from(languageCosts[language].common).entries())
    if (!byCharacter.has(character)) byCharacter.set(character, rank);
  ranks.set(language, byCharacter);
  return byCharacter;
}

/** The letters that an encoding has in a range of first and second bytes. */
function decodeRange(
  encoding: string,
  [firstLead, lastLead]: [number, number],
  [firstTrail, lastTrail]: [number, number],
): ReadonlySet<string> {
  const decoder = new TextDecoder(encoding);
  const found = new Set<string>();
  for (let lead = firstLead; lead <= lastLead; lead += 1)
    for (let trail = firstTrail; trail <= lastTrail; trail += 1)
      for (const character of decoder.decode(Uint8Array.of(lead, trail)))
        if (/\p{L}/u.test(character)) found.add(character);
  return found;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
