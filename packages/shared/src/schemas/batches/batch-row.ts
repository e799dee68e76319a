/**
 * The rows of a batch in responses (`GET /v1/batches/{id}/rows`), as `services/batches/rows/`
 * builds them. A row without a job is listed as well: one that Kiln refused, or has not read yet.
 */
import { z } from 'zod';
import { isRowStatus, rowStatuses, type RowStatus } from '../../domain/batch-state.ts';
import { numberText } from '../api.ts';
import { costSchema, imageSchema } from '../job.ts';
import { cutText, textSchema } from '../text.ts';

const maxRowNumber = 2_147_483_647;

/** The most characters of a prompt in a row. */
export const rowPromptCharacters = 500;

/** The most error codes that are counted by name. */
export const maxCountedCodes = 50;

const statusNames = rowStatuses.join(', ');

const statusFilterSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((value, context): RowStatus[] => {
    const names = [value].flat().flatMap((text) => text.split(','));
    const unknown = names.find((name) => !isRowStatus(name));
    if (unknown === undefined) return [...new Set(names.filter(isRowStatus))];
    const received = JSON.stringify(cutText(unknown, 60));
    context.addIssue({ code: 'custom', message: `received ${received}; it takes ${statusNames}` });
    return z.NEVER;
  })
  .optional()
  .meta({
    description:
      `Only rows in these states: ${statusNames}. ` +
      'Separate them by commas or repeat the parameter.',
  });

export const batchRowsQuerySchema = z.strictObject({
  from: numberText(1, maxRowNumber)
    .default(1)
    .meta({ description: 'The number of the first row. Rows are counted from 1.' }),
  limit: numberText(1, 200).default(50),
  status: statusFilterSchema,
  code: textSchema(1, 100).optional().meta({
    description: 'Only rows that failed, expired or were refused with this error code.',
  }),
  q: textSchema(1, 200).optional().meta({
    description: 'Only rows with this text in the prompt or the custom id, in upper or lower case.',
  }),
});

export type BatchRowsQuery = z.infer<typeof batchRowsQuerySchema>;

const seconds = z.int().nullable().meta({ description: 'Unix seconds' });

const rowOfBatchSchema = z
  .object({
    object: z.literal('batch.row'),
    row: z.int().meta({ description: 'The number of the row in the file, from 1.' }),
    custom_id: z.string().nullable(),
    status: z.enum(rowStatuses).meta({
      description:
        '`waiting`: no worker has read the row yet. `invalid`: the row was refused and is no ' +
        'job. Otherwise the state of its job; an unread row of a cancelled batch is `cancelled`.',
    }),
    prompt: z
      .string()
      .nullable()
      .meta({
        description: `Its first ${rowPromptCharacters} characters; null for a row without a job.`,
      }),
    job_id: z.string().nullable().meta({
      description: 'Null while the row has no job, and when its job was deleted.',
    }),
    started_at: seconds,
    finished_at: seconds,
    cost: costSchema,
    error: z
      .object({ code: z.string(), message: z.string(), param: z.string().nullable() })
      .nullable()
      .meta({
        description:
          'Why the row has no picture: the error of its job, or its first problem in the file ' +
          'with the messages of all.',
      }),
    images: z.array(imageSchema),
  })
  .meta({ id: 'BatchRow' });

export type RowOfBatch = z.infer<typeof rowOfBatchSchema>;

const countOf = z.int();

const rowCountsSchema = z.object({
  status: z
    .object(
      Object.fromEntries(rowStatuses.map((status) => [status, countOf])) as Record<
        RowStatus,
        typeof countOf
      >,
    )
    .meta({ description: 'The rows of the whole batch in each state.' }),
  codes: z.array(z.object({ code: z.string(), count: z.int() })).meta({
    description:
      'The rows that failed, expired or were refused, by error code, the most frequent first: ' +
      `at most ${maxCountedCodes} codes. In a large batch they may be a few seconds old.`,
  }),
});

export type RowCounts = z.infer<typeof rowCountsSchema>;

export const batchRowsSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(rowOfBatchSchema),
    total: z
      .int()
      .nullable()
      .meta({
        description:
          'The rows of the file that are not empty; null until Kiln has read it, and when it ' +
          'refused the file.',
      }),
    last_row: z.int().nullable().meta({
      description: 'The number of the last row. Empty rows have numbers and are not listed.',
    }),
    matched: z.int().nullable().meta({
      description: 'The rows that the filters match; null where counting them would be slow.',
    }),
    has_more: z.boolean(),
    next_from: z
      .int()
      .nullable()
      .meta({
        description:
          '`from` of the next page; null after the last. A page of a search may be short or ' +
          'empty although others follow.',
      }),
    counts: rowCountsSchema,
  })
  .meta({ id: 'BatchRows' });

export type BatchRows = z.infer<typeof batchRowsSchema>;
