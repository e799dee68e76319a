/**
 * A request for one job: the body of `POST /v1/jobs`, the row of a batch, and how either is stored.
 * The schemas hold what is true for every model; rules of a model are `models/job-rules.ts`.
 */
import { z } from 'zod';
import { shapeOf } from './request-field.ts';
import { requestFields } from './request-fields.ts';
import { storedSourceSchema } from './source.ts';

export const jobRequestSchema = z.strictObject(shapeOf(requestFields, 'job'));

export type JobRequest = z.infer<typeof jobRequestSchema>;

/**
 * A job that OpenAI's images API may stream to its caller: the call to the provider is streamed
 * too, with this many partial images. Absent: not streamed to a caller.
 */
export type StreamableJobRequest = JobRequest & { partial_images?: number | undefined };

/**
 * The request as the job's row stores it. `model`, `priority`, `metadata`, `derived_from`,
 * `dedupe` and the webhook have columns of their own, and every picture is a file.
 */
export const storedJobRequestSchema = jobRequestSchema
  .omit({
    model: true,
    priority: true,
    metadata: true,
    derived_from: true,
    dedupe: true,
    webhook_url: true,
    webhook_events: true,
  })
  .extend({
    images: z.array(storedSourceSchema).optional(),
    mask: storedSourceSchema.optional(),
    // Checked when it was accepted: answers must not go through all of it again.
    provider_options: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description:
          'As submitted, in the answer about a single job. Lists leave it out, and so does every ' +
          'answer if an earlier release accepted more than is allowed now.',
      }),
    markup: storedSourceSchema.optional(),
    partial_images: requestFields.partial_images.schema.meta({
      description: 'Partial images that the caller follows on a stream. Absent: no stream.',
    }),
  });

export type StoredJobRequest = z.infer<typeof storedJobRequestSchema>;

/** A row of a batch. Its pictures are references beside the request (`tabular/table.ts`). */
export const rowRequestSchema = z.strictObject(shapeOf(requestFields, 'row'));

export type RowRequest = z.infer<typeof rowRequestSchema>;
