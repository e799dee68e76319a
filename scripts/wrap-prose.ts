/**
 * `node scripts/wrap-prose.ts [path …]`: wraps comments at 100 columns and Markdown at 120, as
 * `npm run check -- --fix` does. It touches only paragraphs that have a line which is too long, and
 * never tables, headings, code fences or text that cannot be broken. Migrations are left alone,
 * because their checksums must stay the same.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { maxMarkdownColumns, maxSourceColumns, proseFiles } from './check-prose.ts';

export function wrapProse(path: string, text: string): string {
  if (path.includes('/migrations/')) return text;
  const lines = text.split('\n');
  return (path.endsWith('.md') ? wrapMarkdown(lines) : wrapComments(lines)).join('\n');
}

function wrapComments(lines: readonly string[]): string[] {
  const marker = /^(?<indent>\s*)(?<mark>\*|\/\/|--) (?!oxlint-|@)(?<text>\S.*)$/;
  const wrapped: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const single = /^(?<indent>\s*)\/\*\* (?<text>.*) \*\/$/.exec(line)?.groups;
    if (line.length > maxSourceColumns && single !== undefined) {
      const { indent = '', text = '' } = single;
      wrapped.push(`${indent}/**`, ...fill(text, `${indent} * `, maxSourceColumns), `${indent} */`);
      continue;
    }
    // A directive such as oxlint-disable means something to a tool only on its own line.
    const found = marker.exec(line)?.groups;
    if (found === undefined) {
      wrapped.push(line);
      continue;
    }
    const prefix = `${found['indent']}${found['mark']} `;
    const paragraph = takeParagraph(lines, index, prefix);
    wrapped.push(...rewrap(paragraph, prefix, maxSourceColumns));
    index += paragraph.length - 1;
  }
  return wrapped;
}

/** The lines from `start` that continue the same paragraph: same prefix, no list item, no tag. */
function takeParagraph(lines: readonly string[], start: number, prefix: string): string[] {
  const paragraph = [lines[start] ?? ''];
  for (let next = start + 1; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    const text = line.startsWith(prefix) ? line.slice(prefix.length) : '';
    if (text === '' || /^(?:\s|[*@`#|-]|\d+[.)] )/.test(text) || text.endsWith('*/')) break;
    paragraph.push(line);
  }
  return paragraph;
}

function rewrap(paragraph: readonly string[], prefix: string, columns: number): string[] {
  if (paragraph.every((line) => line.length <= columns)) return [...paragraph];
  return fill(paragraph.map((line) => line.slice(prefix.length)).join(' '), prefix, columns);
}

/**
 * `text` in lines of at most `columns`, each behind `prefix`; a word that is longer stands alone.
 */
function fill(text: string, prefix: string, columns: number, hanging = prefix): string[] {
  const filled: string[] = [];
  let line = prefix;
  for (const word of text.split(/ +/).filter(Boolean)) {
    const isEmpty = line === prefix || line === hanging;
    if (!isEmpty && line.length + 1 + word.length > columns) {
      filled.push(line);
      line = hanging + word;
    } else {
      line += isEmpty ? word : ` ${word}`;
    }
  }
  return [...filled, line];
}

function wrapMarkdown(lines: readonly string[]): string[] {
  const wrapped: string[] = [];
  let isCode = false;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (/^\s*```/.test(line)) isCode = !isCode;
    const item = /^(?<prefix>\s*(?:[*-] |\d+\. |> )?)\S/.exec(line)?.groups?.['prefix'];
    if (isCode || item === undefined || /^\s*(?:\||#|```|<|!\[)/.test(line)) {
      wrapped.push(line);
      continue;
    }
    const hanging = item.startsWith('>') ? item : ' '.repeat(item.length);
    const paragraph = [line.slice(item.length)];
    const isLong = [line.length > maxMarkdownColumns];
    while (continuesParagraph(lines[index + 1], hanging)) {
      index += 1;
      const next = lines[index] ?? '';
      isLong.push(next.length > maxMarkdownColumns);
      paragraph.push(next.trim());
    }
    if (isLong.includes(true)) {
      wrapped.push(...fill(paragraph.join(' '), item, maxMarkdownColumns, hanging));
    } else {
      wrapped.push(...lines.slice(index + 1 - paragraph.length, index + 1));
    }
  }
  return wrapped;
}

function continuesParagraph(line: string | undefined, hanging: string): boolean {
  if (line === undefined || line.trim() === '') return false;
  if (!line.startsWith(hanging)) return false;
  return !/^\s*(?:[*-] |\d+\. |\||#|```|<|!\[|>)/.test(line.slice(hanging.length));
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const wanted = process.argv.slice(2).map((path) => relative(root, join(process.cwd(), path)));
  const exclude = ['**/node_modules/**', 'packages/client/src/openapi.ts'];
  for (const path of globSync(proseFiles, { cwd: root, exclude })) {
    if (wanted.length > 0 && !wanted.some((each) => path.startsWith(each))) continue;
    const text = readFileSync(join(root, path), 'utf8');
    const wrapped = wrapProse(path, text);
    if (wrapped !== text) writeFileSync(join(root, path), wrapped);
  }
}
