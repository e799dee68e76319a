import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemCodes } from '@kiln/shared/tabular/problems/problem-codes';
import { expect, test } from 'vitest';

test('docs/errors.md has exactly the problem codes of the code', () => {
  const document = readFileSync(
    join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'errors.md'),
    'utf8',
  );
  const [, section = ''] = document.split('\n## Problem codes\n');
  const [, , ...rows] = section
    .split(/\n(?=## )/)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(rows).toEqual(
    problemCodes.map(({ code, scope, meaning }) => `| \`${code}\` | ${scope} | ${meaning} |`),
  );
});

test('every code is unique', () => {
  expect(new Set(problemCodes.map(({ code }) => code)).size).toBe(problemCodes.length);
});
