/**
 * Requests for finals, and their dry run. A final is a job that finishes a draft: the same request
 * with changes, made anew (`prompt`) or with the draft's picture as its source (`edit`).
 */
import { z } from 'zod';
import { priorities } from '../field-values.ts';
import { imageIdSchema } from '../gallery/image-id.ts';
import { rowRequestSchema } from '../job-request.ts';
import { estimateBasisSchema } from '../job.ts';
import { costLimitShape } from '../jobs/job-validation.ts';
import { textSchema } from '../text.ts';

/** The most images or jobs that one request names. */
const maxNamed = 10_000;

const usd = z.number().meta({ description: 'US dollars' });
const idSchema = textSchema(1, 100);

const changeable = rowRequestSchema.omit({ metadata: true, priority: true }).shape;

type ChangesShape = {
  [Name in keyof typeof changeable]: Name extends 'prompt'
    ? z.ZodOptional<(typeof changeable)[Name]>
    : z.ZodNullable<(typeof changeable)[Name]>;
};

/** Null removes what the draft had. */
export const finalsChangesSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(changeable).map(([name, schema]) => [
        name,
        name === 'prompt' ? schema.optional() : schema.nullable(),
      ]),
    ) as unknown as ChangesShape,
  )
  .meta({
    description:
      'Fields of the request that are different from those of the draft; null removes a field. ' +
      'Without `n`, each final is one picture.',
  });

export type FinalsChanges = z.infer<typeof finalsChangesSchema>;

export const finalsWays = ['prompt', 'edit'] as const;
export type FinalsWay = (typeof finalsWays)[number];

const sharedShape = {
  changes: finalsChangesSchema.optional(),
  by: z
    .enum(finalsWays)
    .optional()
    .meta({
      description:
        '`prompt` (default): the request is made anew. `edit`: the picture of the draft is sent ' +
        'along as the source, so that its composition is kept.',
    }),
  max_cost: z
    .number()
    .min(0)
    .max(1_000_000)
    .optional()
    .meta({ description: 'US dollars. Nothing is made if the estimate is higher, or unknown.' }),
};

const imageIdsSchema = z.array(imageIdSchema).min(1).max(maxNamed);
const selectionSchema = z.strictObject({ selection_id: idSchema });
const imagesSchema = z.strictObject({ images: imageIdsSchema });
const jobsSchema = z.strictObject({ jobs: z.array(idSchema).min(1).max(maxNamed) });

const selectSchema = z.union([imagesSchema, jobsSchema, selectionSchema]).meta({
  description: 'The drafts: images, every image of some jobs, or a selection.',
});
const selectOfBatchSchema = z
  .union([
    imagesSchema,
    jobsSchema,
    z.strictObject({ rating_min: z.int().min(1).max(5) }),
    z.strictObject({ starred: z.literal(true) }),
    selectionSchema,
  ])
  .meta({
    description:
      'The drafts among the images of the batch: by id, every image of some jobs, those with ' +
      'this rating or more, those with a star, or those in a selection.',
  });

const batchShape = {
  ...sharedShape,
  name: textSchema(1, 200).optional().meta({ description: 'The name of the new batch.' }),
  priority: z.enum(priorities).optional(),
};

export const finalsRequestSchema = z.strictObject({ select: selectSchema, ...batchShape });
export const batchFinalsRequestSchema = z.strictObject({
  select: selectOfBatchSchema,
  ...batchShape,
});
export const jobFinalsRequestSchema = z.strictObject({
  index: z
    .int()
    .min(0)
    .max(999)
    .optional()
    .meta({ description: 'Which picture of the job is the draft. Default: the first.' }),
  ...sharedShape,
});

export type FinalsRequest = z.infer<typeof batchFinalsRequestSchema>;
export type FinalsSelect = FinalsRequest['select'];
export type JobFinalsRequest = z.infer<typeof jobFinalsRequestSchema>;

export const finalsPreviewSchema = z
  .object({
    object: z.literal('finals.preview'),
    rows: z.int().meta({ description: 'The finals that would be made: one for each draft.' }),
    cost: z.object({
      currency: z.literal('usd'),
      estimated: usd,
      estimate_basis: estimateBasisSchema,
      ...costLimitShape,
    }),
    drafts_cost: usd
      .nullable()
      .meta({ description: 'What the batch of the drafts has cost; null without a batch.' }),
    all_rows_cost: usd.nullable().meta({
      description:
        'The estimate if every row of that batch had been made this way from the start; null ' +
        'without a batch.',
    }),
    saving: usd
      .nullable()
      .meta({ description: '`all_rows_cost` without `drafts_cost` and without `cost.estimated`.' }),
    problems: z
      .array(
        z.object({
          image: z.string().meta({ description: 'The draft.' }),
          param: z.string().nullable(),
          code: z.string(),
          message: z.string(),
        }),
      )
      .meta({ description: 'Why finals cannot be made: the first 100 problems.' }),
    problems_total: z.int(),
  })
  .meta({ id: 'FinalsPreview' });

export type FinalsPreview = z.infer<typeof finalsPreviewSchema>;
export type FinalsProblem = FinalsPreview['problems'][number];
