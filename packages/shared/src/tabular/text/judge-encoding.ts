/**
 * Judges which encoding a text has when nothing says so. Nearly any bytes can be decoded in several
 * encodings, but only one reading looks like a language: its words have the letters of one
 * language in their usual order, or its characters are the frequent ones of Chinese, Japanese or
 * Korean. Each candidate reads the samples of the text; its cost is minus the logarithm of the
 * probability of that reading, so costs can be compared (Bayes' rule). The best one wins if it is
 * far better than every reading that differs from it, and if it looks like text at all. Otherwise
 * there is no winner: a prompt that was read wrongly would be paid for.
 *
 * It does not say whether the whole file can be decoded; `detect-encoding.ts` checks that.
 */
import type { Breaks } from '../../event-loop.ts';
import { candidates, type Candidate, type Language } from './candidates.ts';
import type { Sample, Samples } from './collect-samples.ts';
import { decodeDos, isDosEncoding, type DosEncoding } from './dos-encodings.ts';
import type { Encoding } from './encodings.ts';
import { unfitCharacter } from './find-invalid-byte.ts';
import letterPairs from './letter-pairs.json' with { type: 'json' };
import { costOfIdeographs, ideographicLanguages } from './score-ideographs.ts';
import { analysePiece, costOfPiece, type LetteredLanguage } from './score-words.ts';

/** How much better the best reading has to be than any other: a factor of e^7, over 1,000. */
const clearMargin = 7;
/** The rarer an encoding is, the better it has to be. */
const rareMargin = 2;

/** Shares of the words of a file: those in a usual language of the encoding, in English, others. */
const usualLanguage = Math.log(0.08);
const english = Math.log(0.08);
const otherLanguage = Math.log(0.002);

export interface Reading {
  encoding: Encoding | DosEncoding;
  /** The samples as this encoding reads them, in order. */
  texts: readonly string[];
  costs: readonly number[];
  cost: number;
  /** That of the candidate. */
  rarity: number;
}

export interface Judgement {
  /** The winner; undefined if no reading is clearly the best. */
  winner: Reading | undefined;
  /** The readings that differ from each other, best first. */
  readings: readonly Reading[];
}

const letteredLanguages = Object.keys(letterPairs) as LetteredLanguage[];
/** Characters of Chinese, Japanese and Korean, with their punctuation and their wide letters. */
const ideograph =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

export async function judgeEncoding(
  { pieces, words }: Samples,
  breaks: Breaks,
): Promise<Judgement> {
  const scores = createScores(words);
  const all: Reading[] = [];
  for (const candidate of candidates) {
    const reading = await read(candidate, pieces, scores, breaks);
    if (reading !== undefined) all.push(reading);
  }
  all.sort((a, b) => a.cost - b.cost);
  const readings: Reading[] = [];
  for (const reading of all)
    if (!readings.some((other) => isSame(other, reading))) readings.push(reading);
  const [best, second] = readings;
  const isClear =
    best !== undefined &&
    looksLikeText(best) &&
    (second === undefined || second.cost - best.cost >= clearMargin + rareMargin * best.rarity);
  return { winner: isClear ? best : undefined, readings };
}

/** The cost of a byte that is invalid. */
const brokenCharacter = 10;

/**
 * Whether the samples that are UTF-8, but for some bytes, read better as UTF-8 than as they are
 * read here. Characters of UTF-8 hardly ever occur in another encoding by chance: such a file is
 * damaged UTF-8, or files of two encodings were joined.
 */
export async function readsBetterAsUtf8(
  { pieces, words }: Samples,
  { encoding, texts }: Pick<Reading, 'encoding' | 'texts'>,
  breaks: Breaks,
): Promise<boolean> {
  const scores = createScores(words);
  const decoder = new TextDecoder();
  const own = candidates.find((candidate) => candidate.encoding === encoding) ?? anyLanguage;
  let gain = 0;
  for (const [index, { bytes }] of pieces.entries()) {
    if (breaks.isDue()) await breaks.take();
    const parts = decoder.decode(bytes).split('\ufffd');
    const text = parts.join('');
    if (!/[\u0080-\u{10ffff}]/u.test(text)) continue;
    const cost = scores.costOf(text, anyLanguage) + (parts.length - 1) * brokenCharacter;
    gain += scores.costOf(texts[index] ?? '', own) - cost;
  }
  return gain >= clearMargin;
}

const anyLanguage = { languages: [] };
const everyLanguage = { languages: [...letteredLanguages, ...ideographicLanguages] };

/** What a sign between two words costs here, which any ASCII text may have. */
const signBetweenWords = 3;
const emojiCost = 8;
const emoji = /[\u{1f000}-\u{1faff}]\ufe0f?/gu;

/**
 * Compares two readings of the same text: returns the logarithm of how much more probable `decoded`
 * is than `text`, which consists of ASCII. Negative if the decoded text does not look like one.
 */
export function gainOf({ text, decoded }: { text: string; decoded: string }): number {
  const scores = createScores([]);
  const costOf = (words: string): number =>
    words === '' ? 0 : scores.costOf(words, everyLanguage);
  const plain = decoded.replaceAll(emoji, '');
  const cost = costOf(plain);
  // Usual words decode to rare characters, or to a word of two scripts.
  if (isMixed(plain) || !looksLikeText({ texts: [plain], costs: [cost] })) return -clearMargin;
  const words = text.toLowerCase().split(/[^a-z\d]+/);
  const signs = text.replaceAll(/[a-z\d]/gi, '').length;
  const emojis = decoded.match(emoji)?.length ?? 0;
  return (
    words.reduce((sum, word) => sum + costOf(word), signs * signBetweenWords) -
    cost -
    emojis * emojiCost
  );
}

/** The logarithm of how much more probable one reading is than another, in any language. */
export function preferenceFor(text: string, other: string): number {
  const scores = createScores([]);
  return scores.costOf(other, everyLanguage) - scores.costOf(text, everyLanguage);
}

function isMixed(text: string): boolean {
  return (text.match(/[\p{L}\p{M}]+/gu) ?? []).some(
    (word) => /\p{Script=Latin}/u.test(word) && /[^\p{Script=Latin}\p{M}]/u.test(word),
  );
}

function isSame(one: Reading, other: Reading): boolean {
  return one.texts.every((text, index) => text === other.texts[index]);
}

/** Undefined if the samples cannot be decoded, or hold characters that no text has. */
async function read(
  candidate: Candidate,
  samples: readonly Sample[],
  scores: Scores,
  breaks: Breaks,
): Promise<Reading | undefined> {
  const { encoding, rarity } = candidate;
  const texts: string[] = [];
  for (const { bytes, isCut } of samples) {
    const text = decodeBytes(encoding, bytes, isCut);
    if (text === undefined || unfitCharacter.test(text)) return undefined;
    texts.push(text);
  }
  const costs: number[] = [];
  for (const text of texts) {
    if (breaks.isDue()) await breaks.take();
    costs.push(scores.costOf(text, candidate));
  }
  return {
    encoding,
    texts,
    costs,
    cost: rarity + costs.reduce((sum, cost) => sum + cost, 0),
    rarity,
  };
}

/** Undefined if the bytes cannot be decoded. */
export function decodeBytes(
  encoding: Encoding | DosEncoding,
  bytes: Uint8Array,
  isCut = false,
): string | undefined {
  if (isDosEncoding(encoding)) return decodeDos(bytes, encoding);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined; // `TextDecoder` throws at bytes that the encoding does not have
  }
}

interface Scores {
  costOf(text: string, candidate: Pick<Candidate, 'languages'>): number;
}

/** Many candidates read a sample alike, so costs are kept by text and language. */
function createScores(words: readonly string[]): Scores {
  const unlikelihoods = judgeLanguages(words);
  const byText = new Map<string, Map<Language, number>>();

  function costsOf(text: string): Map<Language, number> {
    const known = byText.get(text);
    if (known !== undefined) return known;
    const piece = analysePiece(text);
    const costs = new Map<Language, number>();
    for (const language of letteredLanguages)
      costs.set(language, costOfPiece(piece, language) + (unlikelihoods.get(language) ?? 0));
    if (ideograph.test(text))
      for (const language of ideographicLanguages)
        costs.set(language, costOfIdeographs(text, language));
    byText.set(text, costs);
    return costs;
  }

  return {
    costOf(text, { languages: usual }) {
      return -addLogarithms(
        [...costsOf(text)].map(([language, cost]) => {
          if (usual.includes(language)) return usualLanguage - cost;
          return (language === 'english' ? english : otherLanguage) - cost;
        }),
      );
    },
  };
}

const ownWord = Math.log(0.7);
const englishWord = Math.log(0.3);
/** The weight of the words, which are no independent evidence, and the most they may count. */
const wordWeight = 0.3;
const mostUnlikelihood = 4;

/**
 * Says how unlikely it is that the file is in each language, by its words in ASCII. Any file may
 * have English words, at least in its header row.
 */
function judgeLanguages(words: readonly string[]): Map<LetteredLanguage, number> {
  const pieces = words.map(analysePiece);
  const costs = letteredLanguages.map((language) =>
    pieces.reduce(
      (sum, piece) =>
        sum -
        addLogarithms([
          ownWord - costOfPiece(piece, language),
          englishWord - costOfPiece(piece, 'english'),
        ]),
      0,
    ),
  );
  const least = Math.min(...costs);
  return new Map(
    letteredLanguages.map((language, index) => {
      const isForeignScript = otherScripts.includes(language);
      const surplus = isForeignScript ? 0 : ((costs[index] ?? least) - least) * wordWeight;
      return [language, Math.min(mostUnlikelihood, surplus)];
    }),
  );
}

/** Languages whose own words are never in ASCII, so that English words say nothing against them. */
const otherScripts: readonly LetteredLanguage[] = [
  'russian',
  'ukrainian',
  'bulgarian',
  'serbian',
  'belarusian',
  'greek',
  'hebrew',
  'arabic',
  'persian',
  'thai',
];

/** The logarithm of the sum of the exponentials. The exponentials themselves may be too small. */
function addLogarithms(exponents: readonly number[]): number {
  const largest = Math.max(...exponents);
  return largest + Math.log(exponents.reduce((sum, each) => sum + Math.exp(each - largest), 0));
}

/** Costs for each character, above which a word does not look like one of its language. */
const plausibleCost = 4.5;
const plausibleIdeograph = 8.3;
/** The same for all words together, which have a usual one for every rare one. */
const usualCost = 3.4;
const usualIdeograph = 7.4;
/** What a word costs besides its characters, and what a file may have of rare words. */
const edgeCost = 8;
const allowanceOfFile = 12;

/** Whether nearly all of the words look like words. */
function looksLikeText({ texts, costs }: Pick<Reading, 'texts' | 'costs'>): boolean {
  const odd = texts.filter(
    (text, index) => (costs[index] ?? 0) > allowedCost(text, plausibleCost, plausibleIdeograph),
  ).length;
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const allowed = texts.reduce(
    (sum, text) => sum + allowedCost(text, usualCost, usualIdeograph),
    allowanceOfFile,
  );
  return odd <= texts.length * 0.1 && total <= allowed;
}

function allowedCost(text: string, ofLetter: number, ofIdeograph: number): number {
  let allowed = edgeCost;
  for (const character of text) allowed += ideograph.test(character) ? ofIdeograph : ofLetter;
  return allowed;
}
