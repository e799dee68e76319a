/**
 * `{{column}}` in a prompt stands for the row's value in that column, dropped columns included.
 * `{{{{` stands for `{{` itself, and a `{{` that nothing closes for what it is; so `{{{{name}}` is
 * the text `{{name}}`.
 */
import { normaliseName } from '../csv/column-names.ts';

/** Literal texts and, between them, the index of a column. */
type Part = string | number;

export interface Template {
  parts: readonly Part[];
  /** Names in it that are no column, as they are written. */
  unknown: readonly string[];
}

const marks = /\{\{\{\{|\{\{([^{}]*)\}\}/g;
/** Prompts that differ in every row are compiled once each, and not kept for ever. */
const keptTemplates = 100;
const keptCharacters = 10_000;

/**
 * Compiles the prompts of one file; the same prompt is compiled once. `columns` has normalised
 * names.
 */
export function createTemplates(
  columns: ReadonlyMap<string, number>,
): (prompt: string) => Template {
  const kept = new Map<string, Template>();
  return (prompt) => {
    const known = kept.get(prompt);
    if (known !== undefined) return known;
    const template = compile(prompt, columns);
    if (kept.size < keptTemplates && prompt.length <= keptCharacters) kept.set(prompt, template);
    return template;
  };
}

export function isTemplate(prompt: string): boolean {
  return prompt.includes('{{');
}

/** A few characters name a cell, and a cell may be long: what would come out is measured first. */
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
