/**
 * Everything that can be wrong with an uploaded table, with its meaning. Codes of OpenAI's batch
 * validation keep their names.
 */

/**
 * `file`: the batch cannot be made from this file as it is. `row`: the other rows may still be run.
 */
export type ProblemScope = 'file' | 'row';

export const problemCodes = [
  { code: 'empty_file', scope: 'file', meaning: 'The file has no row (or no header row).' },
  {
    code: 'invalid_encoding',
    scope: 'file',
    meaning:
      'The bytes are not text in the encoding that was told or found, or in none of those Kiln reads; in JSONL, a line that is not UTF-8.',
  },
  {
    code: 'unsupported_file',
    scope: 'file',
    meaning: 'The file is no text but a workbook, an archive, a PDF or a picture.',
  },
  {
    code: 'header_too_long',
    scope: 'file',
    meaning: 'The header row does not end within the first 64 KiB.',
  },
  { code: 'too_many_columns', scope: 'file', meaning: 'The file has more columns than are read.' },
  {
    code: 'too_many_metadata_columns',
    scope: 'file',
    meaning:
      'More columns would become metadata than a job can have pairs; drop some with `column_map`.',
  },
  { code: 'invalid_header', scope: 'file', meaning: 'A column name cannot be a name of metadata.' },
  {
    code: 'duplicate_header',
    scope: 'file',
    meaning: 'Two columns have the same name or the same meaning.',
  },
  {
    code: 'missing_column',
    scope: 'file',
    meaning: 'There is no prompt column, and no default for it.',
  },
  {
    code: 'unknown_column',
    scope: 'file',
    meaning: '`column_map` or a `{{template}}` names a column that the file does not have.',
  },
  {
    code: 'invalid_column_map',
    scope: 'file',
    meaning: '`column_map` maps to a column that Kiln does not have.',
  },
  { code: 'invalid_defaults', scope: 'file', meaning: '`defaults` are no valid fields of a job.' },
  {
    code: 'too_many_tasks',
    scope: 'file',
    meaning: 'The file has more rows than a batch can have.',
  },
  {
    code: 'unterminated_quote',
    scope: 'file',
    meaning: 'A quotation mark opened in this row is not closed; nothing behind it can be read.',
  },
  {
    code: 'record_too_long',
    scope: 'file',
    meaning: 'A row is longer than is read; in CSV, nothing behind it can be read.',
  },
  { code: 'invalid_csv', scope: 'file', meaning: 'The row breaks the CSV format in another way.' },
  {
    code: 'wrong_cell_count',
    scope: 'row',
    meaning: 'The row has fewer or more cells than the header row.',
  },
  { code: 'unnamed_column', scope: 'row', meaning: 'A cell has a value, and its column no name.' },
  {
    code: 'stray_quote',
    scope: 'row',
    meaning: 'Text follows the quotation mark that closes a cell, so its end cannot be told.',
  },
  { code: 'cell_too_long', scope: 'row', meaning: 'A cell is longer than is read.' },
  { code: 'invalid_json_line', scope: 'row', meaning: 'The line is not a JSON object.' },
  { code: 'invalid_method', scope: 'row', meaning: '`method` is not POST.' },
  { code: 'invalid_url', scope: 'row', meaning: "`url` is not the batch's endpoint." },
  {
    code: 'missing_required_parameter',
    scope: 'row',
    meaning: 'A value that is needed is missing or empty.',
  },
  { code: 'invalid_value', scope: 'row', meaning: 'A value has the wrong type, length or range.' },
  { code: 'unknown_parameter', scope: 'row', meaning: 'A field of the body does not exist.' },
  {
    code: 'unsupported_parameter',
    scope: 'row',
    meaning: 'The model or its provider does not take the value.',
  },
  {
    code: 'unknown_file',
    scope: 'row',
    meaning:
      'A picture that the row names did not come with the batch, or is no file of the purpose `vision`.',
  },
  {
    code: 'unsupported_picture',
    scope: 'row',
    meaning:
      'The pictures of the row do not go together: a mask that fits no image, or too many bytes.',
  },
  { code: 'duplicate_custom_id', scope: 'row', meaning: 'An earlier row has the same custom_id.' },
] as const satisfies readonly { code: string; scope: ProblemScope; meaning: string }[];

export type ProblemCode = (typeof problemCodes)[number]['code'];
