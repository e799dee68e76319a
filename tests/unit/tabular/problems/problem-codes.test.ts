import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noteCodes } from '@kiln/shared/tabular/problems/notes';
import { problemCodes } from '@kiln/shared/tabular/problems/problem-codes';
import { expect, test } from 'vitest';

const document = readFileSync(
  join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'errors.md'),
  'utf8',
);

function rowsBelow(heading: string): string[] {
  const [, section = ''] = document.split(`\n## ${heading}\n`);
  const [, , ...rows] = section
    .split(/\n(?=## )/)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return rows;
}

test('docs/errors.md has exactly the problem codes of the code', () => {
  expect(rowsBelow('Problem codes')).toEqual(
    problemCodes.map(({ code, scope, meaning }) => `| \`${code}\` | ${scope} | ${meaning} |`),
  );
});

test('docs/errors.md has exactly the note codes of the code', () => {
  expect(rowsBelow('Note codes')).toEqual(
    noteCodes.map(({ code, meaning }) => `| \`${code}\` | ${meaning} |`),
  );
});

test('every code is unique', () => {
  expect(new Set(problemCodes.map(({ code }) => code)).size).toBe(problemCodes.length);
});
