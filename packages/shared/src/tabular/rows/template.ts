/**
 * Fills `{{column}}` in a prompt with the value of the row in that column, including dropped
 * columns. `{{{{` stands for a literal `{{`, and a `{{` that is not closed stays as it is; so
 * `{{{{name}}` gives the text `{{name}}`.
 */
import { normaliseName } from '../csv/column-names.ts';

/** A literal text, or the index of a column. */
type Part = string | number;

export interface Template {
  parts: readonly Part[];
  /** Names that are not a column of the file. */
  unknown: readonly string[];
}

const marks = /\{\{\{\{|\{\{([^{}]*)\}\}/g;
/** Limits the cache: prompts that differ in every row are not kept. */
const maxCachedTemplates = 100;
const maxCachedCharacters = 10_000;

/** Compiles the prompts of one file, and caches the result. `columns` has normalised names. */
export function createTemplates(
  columns: ReadonlyMap<string, number>,
): (prompt: string) => Template {
  const cache = new Map<string, Template>();
  return (prompt) => {
    const known = cache.get(prompt);
    if (known !== undefined) return known;
    const template = compile(prompt, columns);
    if (cache.size < maxCachedTemplates && prompt.length <= maxCachedCharacters)
      cache.set(prompt, template);
    return template;
  };
}

export function isTemplate(prompt: string): boolean {
  return prompt.includes('{{');
}

/** The variables of a prompt, each once: as it is written first, and as names are compared. */
export function variablesOf(prompt: string): { name: string; key: string }[] {
  const found = new Map<string, string>();
  for (const [, inner] of prompt.matchAll(marks)) {
    if (inner === undefined) continue;
    const key = normaliseName(inner);
    if (!found.has(key)) found.set(key, inner.trim());
  }
  return [...found].map(([key, name]) => ({ name, key }));
}

/** A prompt in which `{{` has no meaning. */
export function escapeTemplate(prompt: string): string {
  return prompt.replaceAll('{{', '{{{{');
}

/** Measures the result before building it: a few characters may refer to a very long cell. */
export function fillTemplate(
  { parts }: Template,
  cells: readonly string[],
  maxLength: number,
): { status: 'filled'; text: string } | { status: 'too_long'; length: number } {
  const texts = parts.map((part) => (typeof part === 'string' ? part : (cells[part] ?? '')));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  return length > maxLength
    ? { status: 'too_long', length }
    : { status: 'filled', text: texts.join('') };
}

function compile(prompt: string, columns: ReadonlyMap<string, number>): Template {
  const parts: Part[] = [];
  const unknown: string[] = [];
  let end = 0;
  for (const match of prompt.matchAll(marks)) {
    parts.push(prompt.slice(end, match.index));
    end = match.index + match[0].length;
    const name = match[1];
    const column = name === undefined ? undefined : columns.get(normaliseName(name));
    if (name === undefined) parts.push('{{');
    else if (column === undefined) unknown.push(name.trim());
    else parts.push(column);
  }
  parts.push(prompt.slice(end));
  return { parts, unknown };
}
