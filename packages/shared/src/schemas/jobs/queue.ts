/** The entries of `GET /v1/queue`: the jobs that start next. */
import { z } from 'zod';
import { priorities } from '../field-values.ts';
import { queueSchema } from '../job.ts';

export const promptCharacters = 200;

export const queueEntrySchema = z
  .object({
    id: z.string().meta({ description: 'The id of the job.' }),
    object: z.literal('queue.entry'),
    status: z.enum(['queued', 'in_progress']).meta({
      description: '`in_progress`: a worker holds the job for its start, and it waits no longer.',
    }),
    batch_id: z.string().nullable(),
    row: z
      .int()
      .nullable()
      .meta({ description: 'The number of its row in the file of the batch.' }),
    custom_id: z.string().nullable(),
    prompt: z
      .string()
      .meta({ description: `The first ${promptCharacters} characters of the prompt.` }),
    size: z.string().nullable(),
    n: z.int(),
    model: z.string(),
    priority: z.enum(priorities),
    source_file_id: z
      .string()
      .nullable()
      .meta({ description: 'The file of the first picture of an edit.' }),
    pool: z.string().nullable().meta({
      description: 'The pool that should start it; null while several may and none will soon.',
    }),
    starts_in_seconds: queueSchema.shape.starts_in_seconds,
    starts_at: z
      .int()
      .nullable()
      .meta({ description: 'Unix seconds, estimated like the seconds.' }),
    reason: queueSchema.shape.reason,
    because: queueSchema.shape.because,
    until: queueSchema.shape.until,
  })
  .meta({ id: 'QueueEntry' });

export type QueueEntry = z.infer<typeof queueEntrySchema>;
