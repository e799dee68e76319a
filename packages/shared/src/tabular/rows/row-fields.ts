/** The fields that a row of a table may have, derived from the table of request fields. */
import { z } from 'zod';
import type { rowRequestSchema } from '../../schemas/job-request.ts';
import { shapeOf, type RequestFields } from '../../schemas/request-field.ts';
import { requestFields } from '../../schemas/request-fields.ts';
import { buildCsvColumns, type CsvColumns } from '../csv/column-names.ts';

export interface RowFields {
  /** Validates the request of a row. */
  schema: typeof rowRequestSchema;
  columns: CsvColumns;
}

export function buildRowFields(fields: RequestFields = requestFields): RowFields {
  return {
    schema: z.strictObject(shapeOf(fields, 'row')) as unknown as RowFields['schema'],
    columns: buildCsvColumns(fields),
  };
}

export const rowFields = buildRowFields();
