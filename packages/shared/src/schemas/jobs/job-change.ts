/** The body of `PATCH /v1/jobs/{id}`. */
import { z } from 'zod';
import { priorities } from '../field-values.ts';
import { metadataSchema } from '../metadata.ts';

/** Whether a body of optional fields names one. */
export function hasChange(body: object): boolean {
  return Object.values(body).some((value) => value !== undefined);
}

export const jobChangeSchema = z
  .strictObject({
    metadata: metadataSchema.optional().meta({ description: 'Replaces all of it, at any time.' }),
    priority: z
      .enum(priorities)
      .optional()
      .meta({ description: 'While the job is queued. It waits behind its equals then.' }),
    position: z
      .enum(['next'])
      .optional()
      .meta({
        description:
          'While the job is queued: it becomes interactive and is the next one to start. The ' +
          'last job that was asked for goes first.',
      }),
  })
  .refine(hasChange, { error: 'has no field to change' })
  .refine(({ priority, position }) => position === undefined || priority !== 'bulk', {
    error: 'a job that runs next is interactive; leave priority out',
    path: ['priority'],
  });

export type JobChangeRequest = z.infer<typeof jobChangeSchema>;
