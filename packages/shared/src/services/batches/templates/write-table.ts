/** Writes the rows of a request without a file as the CSV file that the batch then reads. */
import { csvLine } from '../../../tabular/csv/write-csv.ts';
import { escapeTemplate } from '../../../tabular/rows/template.ts';
import type { TemplateTable } from './template-table.ts';

/** The file of a list of prompts, which are no templates. */
export function buildPromptsTable(prompts: readonly string[]): TemplateTable {
  return {
    columns: ['prompt'],
    count: prompts.length,
    rows: () => prompts.map((prompt) => [escapeTemplate(prompt)]),
  };
}

const pieceCharacters = 32_768;

/** Yields pieces of many lines, because a write costs more than a line. */
export async function* writeTable({ columns, rows }: TemplateTable): AsyncGenerator<Uint8Array> {
  let piece = csvLine(columns);
  for (const cells of rows()) {
    piece += csvLine(cells);
    if (piece.length < pieceCharacters) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}
