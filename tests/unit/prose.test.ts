import { describe, expect, test } from 'vitest';
import { findProseProblems } from '../../scripts/check-prose.ts';
import { wrapProse } from '../../scripts/wrap-prose.ts';

describe('the check of comments and documents', () => {
  test.each([
    ['a fragment in a block comment', 'a.ts', '/** Of a call without an answer. */', 'fragment'],
    ['a fragment in a line comment', 'a.ts', 'call(); // For the next one.', 'fragment'],
    ['a fragment in SQL', 'a.sql', '-- By the time it is read.', 'fragment'],
    ['a word of the old style', 'a.ts', '/** The job tells whoever waits. */', '"whoever"'],
    ['a word of the old style in Markdown', 'a.md', 'Then nobody waits.', '"nobody"'],
    ['a source line of 101 columns', 'a.ts', `const a = ${'b + '.repeat(22)}cc;`, '101 columns'],
    ['a text of 101 columns', 'a.ts', `  '${'word '.repeat(19)}ww'`, '101 columns'],
    ['a text of many columns with a URL', 'a.ts', `  '${'w '.repeat(40)}${'x'.repeat(60)}'`, '144'],
    ['a row of a table outside Markdown', 'a.ts', `  | '${'word '.repeat(20)}'`, 'columns'],
    ['a Markdown line of 121 columns', 'a.md', `${'word '.repeat(24)}x`, '121 columns'],
  ])('finds %s', (_what, path, text, reason) => {
    expect(findProseProblems(path, text)).toEqual([
      { line: 1, reason: expect.stringContaining(reason) as string },
    ]);
  });

  test.each([
    ['a sentence', 'a.ts', '/** Reads the next row. For a batch it may be empty. */'],
    [
      'a fragment that continues a line above',
      'a.ts',
      '/**\n * Waits for a start\n * Of the pool.\n */',
    ],
    ['a string in code', 'a.ts', "const text = 'nobody // For';"],
    ['a table of Markdown', 'a.md', `| ${'word '.repeat(30)}|`],
    ['a fenced block of Markdown', 'a.md', `\`\`\`\n${'curl '.repeat(30)}\n\`\`\``],
    ['a long word', 'a.ts', `const url = '${'x'.repeat(100)}';`],
    ['the path of a drawing', 'a.ts', `    'M0 0${'L7.5 -3'.repeat(20)}Z',`],
    ['a regular expression', 'a.ts', `    /^${'word '.repeat(30)}$/i,`],
    ['a text of a migration', 'migrations/0001-a.sql', `  '${'word '.repeat(30)}';`],
  ])('passes %s', (_what, path, text) => {
    expect(findProseProblems(path, text)).toEqual([]);
  });
});

describe('wrapping', () => {
  const long = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');

  test('a long comment becomes a block of lines of at most 100 columns, with every word', () => {
    const wrapped = wrapProse('a.ts', `  /** ${long} */\n  call();`);
    expect(wrapped.split('\n').every((line) => line.length <= 100)).toBe(true);
    expect(wrapped).toMatch(/^ {2}\/\*\*\n {3}\* word0 /);
    expect(wrapped.replaceAll(/[\s*/]+/g, ' ').trim()).toBe(`${long} call();`);
  });

  test('a long item of a Markdown list hangs under its first word', () => {
    const [first, second] = wrapProse('a.md', `* ${long}`).split('\n');
    expect(first).toMatch(/^\* word0 /);
    expect(second).toMatch(/^ {2}word\d+/);
  });

  test.each([
    ['what fits', 'a.ts', '// short\n// lines\n'],
    ['a table', 'a.md', `| ${long} ${long} |`],
    ['a fenced block', 'a.md', `\`\`\`\n${long} ${long}\n\`\`\``],
    ['a directive for a tool', 'a.ts', `// oxlint-disable-next-line some/rule -- ${long}`],
    ['a migration, which is never edited', 'src/records/migrations/0001-a.sql', `-- ${long}\n`],
  ])('leaves %s alone', (_what, path, text) => {
    expect(wrapProse(path, text)).toBe(text);
  });

  test('is done once: a second run changes nothing', () => {
    const once = wrapProse('a.md', `* ${long} ${long}\n\n${long} ${long}\n`);
    expect(wrapProse('a.md', once)).toBe(once);
  });
});
