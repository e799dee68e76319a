/**
 * A batch in requests and responses: the object and fields of OpenAI, and the fields that Kiln
 * adds. The options are checked here by shape only; `services/batches/input/` checks them against
 * the file. Used by the routes of `/v1/batches` and by `records/batches/`, which stores the options
 * and the reading as JSON.
 */
import { z } from 'zod';
import { batchStatuses } from '../domain/batch-state.ts';
import { dedupeModes, priorities } from './field-values.ts';
import { estimateBasisSchema } from './job.ts';
import { costLimitShape } from './jobs/job-validation.ts';
import { rowRequestSchema } from './job-request.ts';
import { hasChange } from './jobs/job-change.ts';
import { metadataSchema } from './metadata.ts';
import { textSchema } from './text.ts';
import { batchWebhookEventsSchema, webhookUrlSchema } from './webhook.ts';
import { endpoints } from '../domain/endpoints.ts';
import { exampleEncodings, findTextEncoding } from '../domain/text/text-encodings.ts';

const responseFormatSchema = z
  .enum(['url', 'b64_json'])
  .optional()
  .meta({
    description:
      'How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` ' +
      '(default for CSV). A line of JSONL may say so itself.',
  });

/** The values for rows that do not set a field themselves. */
export const batchDefaultsSchema = rowRequestSchema
  .omit({ prompt: true, priority: true })
  .partial()
  .extend({ response_format: responseFormatSchema });

const unixSeconds = z.int().min(0).max(9_999_999_999);
const fileId = textSchema(1, 100);

/** The options of a new batch, in JSON, in a form or in the query of an upload. */
export const batchOptionsSchema = z.strictObject({
  endpoint: z.enum(endpoints).optional().meta({
    description: 'Default: /v1/images/generations. A CSV row with an image is an edit in any case.',
  }),
  completion_window: textSchema(1, 16).optional().meta({
    description: 'Accepted and reported back. Only `deadline` expires a batch.',
  }),
  name: textSchema(1, 200).optional().meta({ description: 'What people call the batch.' }),
  metadata: metadataSchema.nullish(),
  output_expires_after: z
    .strictObject({ anchor: z.literal('created_at'), seconds: z.int().min(3_600).max(2_592_000) })
    .optional(),
  defaults: batchDefaultsSchema.optional(),
  column_map: z
    .record(textSchema(1, 200), textSchema(1, 64).nullable())
    .optional()
    .meta({
      description:
        'What columns of a CSV file mean, by their names: a field (`validate` lists them), ' +
        '`metadata`, or null to drop the column.',
    }),
  on_invalid_rows: z.enum(['fail', 'skip']).optional(),
  priority: z
    .enum(priorities)
    .optional()
    .meta({ description: '`bulk` (default) or `interactive`.' }),
  deadline: unixSeconds
    .optional()
    .meta({ description: 'Unix seconds. Rows that have not started by then expire.' }),
  as_drafts: z
    .boolean()
    .optional()
    .meta({
      description:
        'Makes each row with the cheapest model and quality that are served and take everything ' +
        'else that the row asks for, whatever model and quality it names.',
    }),
  dedupe: z
    .enum(dedupeModes)
    .optional()
    .meta({
      description:
        '`reuse`: rows whose request was made before in this project get copies of those ' +
        'pictures, without a call and at no cost. `offer`: a dry run counts them. Default: ' +
        '`KILN_DEDUPE`, or `off`.',
    }),
  response_format: responseFormatSchema,
  webhook_url: webhookUrlSchema.optional().meta({
    description:
      'Receives events of this batch, signed with the secret of `POST /v1/webhook_secret/rotate`.',
  }),
  webhook_events: batchWebhookEventsSchema.optional().meta({
    description: 'Event types of the batch and its jobs. Default: the final states of the batch.',
  }),
  encoding: textSchema(1, 40)
    .refine((label) => findTextEncoding(label) !== undefined, {
      error: `takes an encoding by any label of the Encoding Standard, such as ${exampleEncodings}`,
    })
    .optional()
    .meta({
      description: `The encoding of the file, by any of its labels, such as ${exampleEncodings}.`,
    }),
  delimiter: z.enum([',', ';', '\t']).optional(),
});

export type BatchOptions = z.infer<typeof batchOptionsSchema>;

/**
 * The options as the batch stores them. `base_url` is where the API was reached: URLs of pictures
 * in the output file start with it.
 */
export type StoredBatchOptions = Omit<BatchOptions, 'endpoint' | 'metadata' | 'name'> & {
  base_url: string;
  /** The file was written from a template, so each row needs the values that it uses. */
  template_needs_values?: true;
  /** Kiln wrote the file: its lines are generations and edits. */
  mixed_endpoints?: true;
};

export const batchRequestSchema = batchOptionsSchema
  .extend({ input_file_id: fileId })
  .meta({ id: 'BatchOfFile' });

export type BatchRequest = z.infer<typeof batchRequestSchema>;

/** The body of `PATCH /v1/batches/{id}`. */
export const batchChangeSchema = z
  .strictObject({
    name: textSchema(1, 200).nullable().optional().meta({ description: 'Null removes it.' }),
    metadata: metadataSchema.optional().meta({ description: 'Replaces all of it.' }),
    priority: z
      .enum(priorities)
      .optional()
      .meta({ description: 'Of the rows that wait, and of those that are still to be read.' }),
    deadline: unixSeconds.nullable().optional().meta({
      description:
        'Unix seconds. Rows that have not started by then expire; null: they do not expire.',
    }),
    position: z
      .enum(['next'])
      .optional()
      .meta({
        description:
          'Its waiting rows go before all other jobs of their priority until they have started. ' +
          'The last batch that was asked for goes first.',
      }),
  })
  .refine(hasChange, { error: 'has no field to change' });

export type BatchChangeRequest = z.infer<typeof batchChangeSchema>;

export const rowProblemSchema = z.object({
  code: z.string(),
  line: z
    .int()
    .nullable()
    .meta({ description: 'The number of the row in a CSV file, or of the line in a JSONL file.' }),
  message: z.string(),
  param: z.string().nullable().meta({ description: 'The column or field with the problem.' }),
});

/** What reading a file forgave. */
export const noteSchema = z.object({
  code: z.string(),
  message: z.string(),
  row: z.int().nullable().meta({ description: 'The first row that the note is about.' }),
  column: z.string().nullable(),
  count: z.int().meta({ description: 'The number of cases.' }),
});

const notesSchema = z
  .array(noteSchema)
  .meta({ description: 'What was forgiven in the file, and how it was understood instead.' });

/** How Kiln read the input file. */
export const batchReadingSchema = z.object({
  format: z.enum(['csv', 'jsonl']),
  encoding: z.string(),
  delimiter: z.string().nullable(),
  columns: z.array(z.object({ name: z.string(), means: z.string().nullable() })).meta({
    description:
      'Every column with a name, and the field it sets; null: it becomes metadata; `dropped`.',
  }),
  notes: notesSchema.optional(),
});

export type RowProblem = z.infer<typeof rowProblemSchema>;
export type BatchReading = z.infer<typeof batchReadingSchema>;
export type BatchErrors = { data: RowProblem[]; total: number };

const usd = z.number().meta({ description: 'US dollars' });
const seconds = unixSeconds.nullable();

export const batchSchema = z
  .object({
    id: z.string(),
    object: z.literal('batch'),
    endpoint: z.string(),
    errors: z
      .object({ object: z.literal('list'), data: z.array(rowProblemSchema), total: z.int() })
      .nullable()
      .meta({
        description:
          'Why the file was refused, or which rows were skipped: the first 1,000 problems; in ' +
          'lists the first ten.',
      }),
    input_file_id: z.string(),
    completion_window: z.string(),
    status: z.enum(batchStatuses),
    output_file_id: z.string().nullable(),
    error_file_id: z.string().nullable(),
    created_at: unixSeconds,
    in_progress_at: seconds,
    expires_at: seconds,
    finalizing_at: seconds,
    completed_at: seconds,
    failed_at: seconds,
    expired_at: seconds,
    cancelling_at: seconds,
    cancelled_at: seconds,
    request_counts: z.object({
      total: z.int(),
      completed: z.int(),
      failed: z.int().meta({ description: 'Rows that failed, expired or were invalid.' }),
      cancelled: z.int(),
      in_queue: z.int().meta({ description: 'Rows whose job has not finished.' }),
    }),
    metadata: metadataSchema.nullable(),
    usage: z
      .object({
        input_tokens: z.int(),
        input_tokens_details: z.object({ cached_tokens: z.int() }),
        output_tokens: z.int(),
        output_tokens_details: z.object({ reasoning_tokens: z.int() }),
        total_tokens: z.int(),
      })
      .nullable(),
    paused_at: seconds,
    name: z.string().nullable(),
    priority: z.enum(priorities),
    runs_next: z.boolean().meta({
      description: 'Whether its waiting rows go before the other jobs of their priority.',
    }),
    on_invalid_rows: z.enum(['fail', 'skip']),
    as_drafts: z.boolean(),
    dedupe: z.enum(dedupeModes),
    reading: batchReadingSchema
      .nullable()
      .meta({ description: 'How Kiln read the file; null until it has.' }),
    cost: z.object({
      currency: z.literal('usd'),
      estimated: usd,
      estimate_basis: estimateBasisSchema,
      actual: usd,
      at_risk: usd,
    }),
    webhook_url: z.string().nullable(),
    webhook_events: z.array(z.string()).nullable(),
    eta_seconds: z
      .int()
      .nullable()
      .meta({ description: "Seconds until the last job should be done, at its pools' pace." }),
    finishes_at: z
      .object({ earliest: unixSeconds, latest: unixSeconds })
      .nullable()
      .meta({
        description:
          'When the last row should be done: by the pace of the quota and by that of the last ' +
          'five minutes, with how long calls take. Null while it is paused or does not run.',
      }),
    rows_per_minute: z.number().nullable().meta({
      description:
        'Rows that got their pictures, a minute, in the last five minutes; null with fewer than 5.',
    }),
  })
  .meta({ id: 'Batch' });

export type Batch = z.infer<typeof batchSchema>;

/** The result of `POST /v1/batches/validate`. */
export const batchValidationSchema = z
  .object({
    object: z.literal('batch.validation'),
    rows: z.int(),
    valid: z.int(),
    invalid: z.int(),
    problems: z
      .array(
        z.object({
          row: z.int().nullable(),
          column: z.string().nullable(),
          code: z.string(),
          message: z.string(),
          value: z.string().nullable(),
        }),
      )
      .meta({ description: 'The first 1,000 problems.' }),
    problems_total: z.int(),
    accepted: z
      .boolean()
      .meta({ description: 'Whether a batch of this file with these options would run.' }),
    sample: z
      .array(
        z.object({
          row: z.int(),
          custom_id: z.string().nullable(),
          model: z.string(),
          request: z.record(z.string(), z.unknown()),
          metadata: metadataSchema,
          pictures: z
            .array(
              z.object({
                field: z.enum(['images', 'mask', 'markup']),
                name: z.string(),
                format: z.string(),
                width: z.int(),
                height: z.int(),
              }),
            )
            .meta({ description: 'The pictures that were found by the names in the row.' }),
        }),
      )
      .meta({ description: 'The first 10 valid rows, as Kiln would send them.' }),
    duplicates: z
      .object({
        count: z
          .int()
          .meta({ description: 'Valid rows that repeat the request of an earlier row.' }),
        rows: z
          .array(z.object({ row: z.int(), same_as: z.int() }))
          .meta({ description: 'The first 100 of them, each with the row that it repeats.' }),
        cost: z.object({ currency: z.literal('usd'), estimated: usd }),
      })
      .meta({ description: 'Rows that would pay for the same request again. They are accepted.' }),
    as_drafts: z
      .object({
        models: z.array(z.string()),
        qualities: z.array(z.string()),
        cost: z.object({ currency: z.literal('usd'), estimated: usd }),
        as_written: z.object({ currency: z.literal('usd'), estimated: usd }),
      })
      .nullable()
      .meta({
        description:
          'With `as_drafts`: the models and qualities that were chosen, and the estimates of ' +
          'both ways. Null without.',
      }),
    made_before: z
      .object({
        count: z
          .int()
          .meta({ description: 'Valid rows whose request was made before in this project.' }),
        cost: z.object({ currency: z.literal('usd'), estimated: usd }),
      })
      .nullable()
      .meta({
        description:
          'Rows that `dedupe` `reuse` would not pay for; their cost is part of `cost`. Null with ' +
          '`off`.',
      }),
    pictures: z.object({
      received: z.int().meta({ description: 'Pictures that came with the request.' }),
      matched: z.int().meta({ description: 'Those that a row names.' }),
      unmatched: z.array(z.string()).meta({ description: 'The first 100 names that no row has.' }),
      missing: z
        .array(z.string())
        .meta({ description: 'The first 100 names in rows for which no picture came.' }),
    }),
    fields: z
      .array(z.string())
      .meta({ description: 'What `column_map` can map a column to, `metadata` among them.' }),
    encoding: z.string().nullable(),
    delimiter: z.string().nullable(),
    columns: batchReadingSchema.shape.columns,
    notes: notesSchema,
    cost: z.object({
      currency: z.literal('usd'),
      estimated: usd,
      estimate_basis: estimateBasisSchema,
      ...costLimitShape,
    }),
    duration_seconds: z
      .int()
      .nullable()
      .meta({
        description:
          'Seconds until the last row should be done, at the current pace and behind the jobs ' +
          'that wait now; null when no job would start by itself.',
      }),
  })
  .meta({ id: 'BatchValidation' });

export type BatchValidation = z.infer<typeof batchValidationSchema>;
