/**
 * Question: does Kiln read files that do not say their encoding rightly, or refuse them? Makes
 * files of 1, 3, 10 and 50 rows in 18 languages and 17 encodings, reads each with `openCsv`, and
 * compares the prompts with those that were written. Target: no file is read wrongly and accepted,
 * and at least 97 % of those with three rows or more are taken in the seven encodings that most
 * files have.
 * `npm run bench -- encodings --copies 5 --seed 2` makes other files; docs/batches.md has the
 * table.
 */
import { parseArgs } from 'node:util';
import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import {
  corpusEncodings,
  corpusLanguages,
  encodedFiles,
  type EncodedFile,
} from './data/encoded-files.ts';

const { values } = parseArgs({
  options: { copies: { type: 'string', default: '2' }, seed: { type: 'string', default: '1' } },
});

const usualEncodings: readonly string[] = [
  'windows-1252',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'euc-kr',
  'big5',
  'windows-1251',
];
const targetShare = 0.97;

type Outcome = 'right' | 'refused' | 'wrong';

const counts = new Map<string, Record<Outcome, number>>();
const totals: Record<Outcome, number> = { right: 0, refused: 0, wrong: 0 };
const usual = { files: 0, right: 0 };
const startedMs = performance.now();

for (const file of encodedFiles(Number(values.copies), Number(values.seed))) {
  const { language, encoding, rows } = file;
  const outcome = await readFile(file);
  const key = `${language} ${encoding}`;
  const cell = counts.get(key) ?? { right: 0, refused: 0, wrong: 0 };
  counts.set(key, cell);
  cell[outcome] += 1;
  totals[outcome] += 1;
  if (outcome === 'wrong') console.error(`wrong: ${language}, ${encoding}, ${rows} rows`);
  if (rows < 3 || !usualEncodings.includes(encoding)) continue;
  usual.files += 1;
  if (outcome === 'right') usual.right += 1;
}

printTable();
const files = totals.right + totals.refused + totals.wrong;
const share = usual.right / usual.files;
console.log(
  `\n${files} files in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s: ` +
    `${totals.right} read rightly, ${totals.refused} refused, ${totals.wrong} read wrongly; of ` +
    `the ${usual.files} in usual encodings with 3 rows or more, ${(share * 100).toFixed(1)} % read`,
);
if (totals.wrong > 0 || share < targetShare) process.exitCode = 1;

async function readFile({ bytes, prompts }: EncodedFile): Promise<Outcome> {
  const table = await openCsv(async function* open() {
    yield bytes;
  });
  if (table.status === 'refused') return 'refused';
  const read = await Array.fromAsync(table.rows());
  const isRight = prompts.every((prompt, index) => {
    const row = read[index];
    return row?.status === 'valid' && row.request.prompt === prompt;
  });
  return isRight ? 'right' : 'wrong';
}

/** Read rightly and all files, by language and encoding. */
function printTable(): void {
  console.log(`| | ${corpusEncodings.join(' | ')} |`);
  console.log(`|${'---|'.repeat(corpusEncodings.length + 1)}`);
  for (const language of corpusLanguages) {
    const cells = corpusEncodings.map((encoding) => {
      const cell = counts.get(`${language} ${encoding}`);
      if (cell === undefined) return '';
      const { right, refused, wrong } = cell;
      return `${right}/${right + refused + wrong}${wrong > 0 ? ` (${wrong} wrong)` : ''}`;
    });
    console.log(`| ${language} | ${cells.join(' | ')} |`);
  }
}
