/**
 * `node scripts/check-prose.ts [path …]`: the part of "How we write" (CONTRIBUTING.md) that a
 * machine can check, applied by `npm run check`: no comment opens with a fragment, no marker of the
 * old style, at most 100 columns in source and 120 in Markdown. It reads comments, not code; what
 * reads badly in other ways is for a reviewer. Prints `path:line: reason` and exits with 1 when it
 * finds any.
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface ProseProblem {
  line: number;
  reason: string;
}

export const maxSourceColumns = 100;
export const maxMarkdownColumns = 120;

/** A comment that opens with one of these is nearly always half a sentence. */
const fragment = /^(?:Of|For|By|As|In) /;

/** Words that mark the riddling style; docs and comments say who does what to whom instead. */
const markers = [
  'whoever',
  'nobody',
  'somebody',
  'is told',
  'are told',
  'was told',
  'comes? to nothing',
  'came to nothing',
  'is handed',
  'are handed',
  'is none of',
  'what becomes of',
];
const marker = new RegExp(`\\b(?:${markers.join('|')})\\b`, 'i');

/** Problems of one file, by its name and text. */
export function findProseProblems(path: string, text: string): ProseProblem[] {
  const isMarkdown = path.endsWith('.md');
  const maxColumns = isMarkdown ? maxMarkdownColumns : maxSourceColumns;
  const problems: ProseProblem[] = [];
  let isFenced = false;
  for (const [index, line] of text.split('\n').entries()) {
    const add = (reason: string) => problems.push({ line: index + 1, reason });
    if (isMarkdown && /^\s*```/.test(line)) isFenced = !isFenced;
    if (isFenced) continue;
    if (line.length > maxColumns && !isUnbreakable(path, line))
      add(`${line.length} columns; ${maxColumns} are allowed`);
    const prose = isMarkdown ? { text: line, opens: false } : readComment(line);
    if (prose === null) continue;
    if (prose.opens && fragment.test(prose.text))
      add(`the comment opens with a fragment: "${prose.text.slice(0, 30)}…"`);
    const found = marker.exec(prose.text)?.[0];
    if (found !== undefined) add(`"${found}": say who does what`);
  }
  return problems;
}

interface CommentLine {
  text: string;
  /** The line begins a comment, rather than continuing one. */
  opens: boolean;
}

/** The comment on a line of source; null where there is none. A continued `//` line opens none. */
function readComment(line: string): CommentLine | null {
  const block = /^\s*\/\*\*? ?(?<text>.*?)(?:\*\/)?$/.exec(line)?.groups?.['text'];
  if (block !== undefined) return { text: block, opens: true };
  const inner = /^\s*\* ?(?<text>.*?)(?:\*\/)?$/.exec(line)?.groups?.['text'];
  if (inner !== undefined) return { text: inner, opens: false };
  const trailing = /(?:^|\s)(?:\/\/|--) (?<text>[^'"`]*)$/.exec(line)?.groups?.['text'];
  return trailing === undefined ? null : { text: trailing, opens: true };
}

/** A word of this many columns, such as a URL, and at most as much beside it, is one line. */
const unbreakableColumns = 60;

/**
 * A row of a table, a word that has no space, the path of a drawing and a regular expression cannot
 * be broken; any other text can. The texts of a migration stay as they are: it is never edited.
 */
function isUnbreakable(path: string, line: string): boolean {
  if (path.endsWith('.md') && /^\s*\|/.test(line)) return true;
  if (path.endsWith('.sql') && /^\s*'.*'[,;]?$/.test(line)) return true;
  // The studio's texts and lists of class names stand on one line each.
  if (path.startsWith('apps/web/') && /'[^']{40,}'|"[^"]{40,}"|`[^`]{40,}`/.test(line)) return true;
  if (/^\s*(['"`])[MLHVCSQTAZ\d.,\s-]+\1[,;]?$/i.test(line)) return true;
  if (/^\s*\/.*\/[a-z]*[,;]?$/.test(line)) return true;
  const longest = Math.max(...line.split(/\s+/).map(({ length }) => length));
  return longest >= unbreakableColumns && line.length - longest <= unbreakableColumns;
}

export const proseFiles = [
  '{apps,packages}/*/{src,migrations}/**/*.{ts,tsx,sql}',
  'packages/shared/src/**/*.sql',
  '{tests,scripts,bench}/**/*.{ts,mjs}',
  '*.{ts,md}',
  'docs/**/*.md',
  'apps/*/*.md',
];

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const wanted = process.argv.slice(2).map((path) => relative(root, join(process.cwd(), path)));
  // Its comments are the API's descriptions, as long as those are.
  const exclude = ['**/node_modules/**', 'packages/client/src/openapi.ts'];
  const files = globSync(proseFiles, { cwd: root, exclude })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => wanted.length === 0 || wanted.some((each) => path.startsWith(each)));
  let found = 0;
  for (const path of [...new Set(files)].sort()) {
    if (!statSync(join(root, path)).isFile()) continue;
    for (const { line, reason } of findProseProblems(
      path,
      readFileSync(join(root, path), 'utf8'),
    )) {
      console.log(`${path}:${line}: ${reason}`);
      found += 1;
    }
  }
  if (found > 0) {
    console.log(`${found} problems`);
    process.exit(1);
  }
}
