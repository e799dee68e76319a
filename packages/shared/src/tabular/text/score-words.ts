/**
 * Says how well a piece of text fits a language that is written with letters, by the pairs of
 * letters that follow each other in its words. `letter-pairs.json` has them: for each language a
 * list of groups; the pairs of the first group are those of which the second letter follows the
 * first at least every second time, and each next group is half as frequent. `_` stands for the
 * beginning and the end of a word. `scripts/count-letter-pairs.ts` wrote the file.
 *
 * The result is a cost: minus the natural logarithm of the probability. Costs of the same bytes,
 * read in different ways, can be compared.
 */
import letterPairs from './letter-pairs.json' with { type: 'json' };

export type LetteredLanguage = keyof typeof letterPairs;

/** Costs of what a language does not have, as measured on texts that were decoded wrongly. */
const unseenPair = 8;
const foreignLetter = 12;
const capitalInsideWord = 8;
const symbolInsideWord = 6;
const asciiSymbol = 4;

/** Costs of signs that are no letters, whatever the language. */
const signCosts: readonly [RegExp, number][] = [
  [/[’‘“”„–—…«»¿¡°€£×·•\u00a0]/u, 5.5],
  [/[´]/u, 8],
  [/[®©™½¼¾²³¹±§µªº‹›‚†¢¥÷\u00ad]/u, 9],
];
const rareSign = 14;
/** Signs that may stand between two letters: apostrophes, dashes, the Catalan middle dot. */
const joiners = /[’´–—·\u00ad]/u;

const wordEdge = '_';
const apostrophe = "'";

interface Alphabet {
  letters: ReadonlySet<string>;
  costs: ReadonlyMap<string, number>;
}

const alphabets = new Map<LetteredLanguage, Alphabet>();

function alphabetOf(language: LetteredLanguage): Alphabet {
  const known = alphabets.get(language);
  if (known !== undefined) return known;
  const costs = new Map<string, number>();
  for (const [halvings, pairs] of letterPairs[language].entries())
    for (const pair of pairs.split(' ')) costs.set(pair, (halvings + 0.5) * Math.LN2);
  const letters = new Set(Array.from(costs.keys(), (pair) => pair[1] ?? ''));
  const alphabet = { letters, costs };
  alphabets.set(language, alphabet);
  return alphabet;
}

/** A text prepared for scoring, so that it is analysed once for all languages. */
export interface Piece {
  characters: readonly PieceCharacter[];
}

interface PieceCharacter {
  /** The letter in lower case; null for a sign. */
  letter: string | null;
  /** The part of the cost that is the same in every language. */
  cost: number;
}

export function analysePiece(text: string): Piece {
  const all = Array.from(text.normalize('NFC'));
  const characters = all.map((character, index): PieceCharacter => {
    const before = all[index - 1] ?? '';
    const after = all[index + 1] ?? '';
    if (isLetter(character))
      return {
        letter: toLower(character),
        cost: isUpper(character) && isLower(before) ? capitalInsideWord : 0,
      };
    const isInside = isLetter(before) && isLetter(after);
    if (isInside && character === '’') return { letter: apostrophe, cost: 0 };
    return {
      letter: null,
      cost: costOfSign(character) + (isInside && !joiners.test(character) ? symbolInsideWord : 0),
    };
  });
  return { characters };
}

export function costOfPiece({ characters }: Piece, language: LetteredLanguage): number {
  const { letters, costs } = alphabetOf(language);
  // Every language that is written with Latin letters has names with any of them.
  const isLatin = letters.has('a');
  let total = 0;
  let previous = wordEdge;
  const step = (next: string): void => {
    if (next === wordEdge && previous === wordEdge) return;
    const isForeign = next !== wordEdge && !letters.has(next) && !(isLatin && /[a-z]/.test(next));
    total += isForeign ? foreignLetter : (costs.get(previous + next) ?? unseenPair);
    previous = next;
  };
  for (const { letter, cost } of characters) {
    total += cost;
    step(letter ?? wordEdge);
  }
  step(wordEdge);
  return total;
}

function costOfSign(character: string): number {
  if (/\d/.test(character)) return 2.5;
  if (character < '\u0080') return asciiSymbol;
  return signCosts.find(([signs]) => signs.test(character))?.[1] ?? rareSign;
}

export function isLetter(character: string): boolean {
  return /[\p{L}\p{M}]/u.test(character);
}

/** One character: `İ` has two in lower case. */
function toLower(character: string): string {
  return Array.from(character.toLowerCase())[0] ?? character;
}

function isUpper(character: string): boolean {
  return character !== character.toLowerCase();
}

function isLower(character: string): boolean {
  return character !== character.toUpperCase();
}
