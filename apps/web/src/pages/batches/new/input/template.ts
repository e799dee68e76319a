/**
 * A prompt with `{{variables}}`, and their values as the visitor types or pastes them: a table with
 * a row for each prompt, or a list for each variable, of which every combination is a prompt.
 */
export interface TemplateDraft {
  text: string;
  mode: 'values' | 'matrix';
  /** Rows of the table, by the names of the variables. */
  rows: readonly Row[];
  /** What is typed for each variable, a value a line. */
  lists: Readonly<Record<string, string>>;
}

export type Row = Readonly<Record<string, string>>;

/** A template with its values, as the API takes it. */
export interface TemplateSource {
  kind: 'template';
  template: string;
  values?: Record<string, string>[];
  matrix?: Record<string, string[]>;
}

export const emptyTemplate: TemplateDraft = { text: '', mode: 'values', rows: [{}], lists: {} };

/** The names between `{{` and `}}`, each once, in their order; `{{{{` is a literal `{{`. */
export function variablesOf(text: string): string[] {
  const found = new Map<string, string>();
  for (const [, inner] of text.matchAll(/\{\{\{\{|\{\{([^{}]*)\}\}/g)) {
    const name = inner?.trim() ?? '';
    // The API compares names without case, spaces, hyphens and underscores.
    const key = name.toLowerCase().replaceAll(/[\s_-]+/g, '_');
    if (name !== '' && !found.has(key)) found.set(key, name);
  }
  return [...found.values()];
}

/** The values of a list, a line each; the same pictures are not made twice. */
export function valuesOf(list: string | undefined): string[] {
  const lines = (list ?? '').split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

/** How many prompts the lists make together. */
export function countCombinations({ text, lists }: TemplateDraft): number {
  const variables = variablesOf(text);
  if (variables.length === 0) return 0;
  return variables.reduce((product, name) => product * valuesOf(lists[name]).length, 1);
}

/** Rows in which something is written. */
export function filledRows({ text, rows }: TemplateDraft): Record<string, string>[] {
  const variables = variablesOf(text);
  return rows
    .map((row) => Object.fromEntries(variables.map((name) => [name, row[name]?.trim() ?? ''])))
    .filter((row) => Object.values(row).some((value) => value !== ''));
}

/** Null while no prompt comes of it. */
export function toSource(draft: TemplateDraft): TemplateSource | null {
  const { text, mode, lists } = draft;
  const template = text.trim();
  const variables = variablesOf(text);
  if (variables.length === 0) return null;
  if (mode === 'values') {
    const values = filledRows(draft);
    return values.length === 0 ? null : { kind: 'template', template, values };
  }
  if (countCombinations(draft) === 0) return null;
  const matrix = Object.fromEntries(variables.map((name) => [name, valuesOf(lists[name])]));
  return { kind: 'template', template, matrix };
}

/**
 * Puts cells that were copied from a spreadsheet into the table, from one cell on to the right and
 * down. A first line with the names of variables says which columns they are.
 */
export function pasteCells(
  draft: TemplateDraft,
  pasted: string,
  at: { row: number; variable: number },
): TemplateDraft {
  const variables = variablesOf(draft.text);
  const lines = pasted
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => line.split('\t').map((cell) => cell.trim()));
  const [head = []] = lines;
  const named = head.map((cell) =>
    variables.find((name) => name.toLowerCase() === cell.toLowerCase()),
  );
  const hasNames = named.some((name) => name !== undefined) && lines.length > 1;
  const columns = hasNames ? named : variables.slice(at.variable);
  const rows = [...draft.rows];
  for (const [offset, cells] of (hasNames ? lines.slice(1) : lines).entries()) {
    const row: Record<string, string> = { ...rows[at.row + offset] };
    for (const [index, cell] of cells.entries()) {
      const name = columns[index];
      if (name !== undefined) row[name] = cell;
    }
    rows[at.row + offset] = row;
  }
  return { ...draft, rows };
}
