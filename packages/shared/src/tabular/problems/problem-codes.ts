/**
 * Every problem that an uploaded table can have, with its meaning. A test compares the list with
 * docs/errors.md. Codes that OpenAI uses keep their names.
 */

/** `file`: no batch can be made from this file. `row`: the other rows may still run. */
export type ProblemScope = 'file' | 'row';

export const problemCodes = [
  { code: 'empty_file', scope: 'file', meaning: 'The file has no row (or no header row).' },
  {
    code: 'invalid_encoding',
    scope: 'file',
    meaning:
      'A byte is invalid in the encoding of the file, or nothing says which encoding it has and ' +
      'no reading of it is clearly right, or it is UTF-7 or HZ-GB-2312. In JSONL, a line is not ' +
      'UTF-8.',
  },
  {
    code: 'unsupported_file',
    scope: 'file',
    meaning:
      'The file is a workbook, an archive, a PDF or a picture instead of text, or JSON that is ' +
      'not one object a line.',
  },
  {
    code: 'header_too_long',
    scope: 'file',
    meaning: 'The header row does not end within the first 64 KiB.',
  },
  {
    code: 'too_many_columns',
    scope: 'file',
    meaning: 'The file has more columns than are allowed.',
  },
  {
    code: 'too_many_metadata_columns',
    scope: 'file',
    meaning:
      'More columns would become metadata than a job can have pairs; drop some with `column_map`.',
  },
  {
    code: 'invalid_header',
    scope: 'file',
    meaning: 'The name of a column is not a valid name of metadata.',
  },
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
  {
    code: 'invalid_defaults',
    scope: 'file',
    meaning: '`defaults` has a field that is not valid in a job.',
  },
  {
    code: 'too_many_tasks',
    scope: 'file',
    meaning: 'The file has more rows than a batch can have.',
  },
  {
    code: 'unterminated_quote',
    scope: 'file',
    meaning: 'A quotation mark opened in this row is not closed. Nothing after it can be read.',
  },
  {
    code: 'record_too_long',
    scope: 'file',
    meaning: 'A row is longer than is allowed. In CSV, nothing after it can be read.',
  },
  { code: 'invalid_csv', scope: 'file', meaning: 'The row breaks the CSV format in another way.' },
  {
    code: 'too_many_blank_rows',
    scope: 'file',
    meaning: 'The file has more empty rows or lines than a whole sheet. It is not read further.',
  },
  {
    code: 'repeated_header',
    scope: 'row',
    meaning:
      'The row is a header row, as when several files are joined. If its columns differ from ' +
      'those of the first header row, no batch can be made.',
  },
  {
    code: 'wrong_cell_count',
    scope: 'row',
    meaning:
      'The row has more values than the header row has names, or it is short and its prompt ' +
      'looks like the value of another column.',
  },
  {
    code: 'unnamed_column',
    scope: 'row',
    meaning: 'A cell has a value, but its column has no name.',
  },
  {
    code: 'stray_quote',
    scope: 'row',
    meaning:
      'Text follows the quotation mark that closes a cell, so the end of the cell is unclear.',
  },
  { code: 'cell_too_long', scope: 'row', meaning: 'A cell is longer than is allowed.' },
  { code: 'invalid_json_line', scope: 'row', meaning: 'The line is not a JSON object.' },
  { code: 'invalid_method', scope: 'row', meaning: '`method` is not POST.' },
  { code: 'invalid_url', scope: 'row', meaning: '`url` is not the endpoint of the batch.' },
  {
    code: 'missing_required_parameter',
    scope: 'row',
    meaning: 'A required value is missing or empty.',
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
      'The row names a picture that was not uploaded with the batch and is not a file of the ' +
      'purpose `vision`.',
  },
  {
    code: 'unknown_image',
    scope: 'row',
    meaning: 'The row was made from an image (`derived_from`) that does not exist.',
  },
  {
    code: 'unsupported_picture',
    scope: 'row',
    meaning:
      'The pictures of the row do not fit together: the mask does not match the image, or ' +
      'they have too many bytes.',
  },
  { code: 'duplicate_custom_id', scope: 'row', meaning: 'An earlier row has the same custom_id.' },
] as const satisfies readonly { code: string; scope: ProblemScope; meaning: string }[];

export type ProblemCode = (typeof problemCodes)[number]['code'];
