/** Metadata: names and values of the caller, stored with a job, a batch or a row. */
import { z } from 'zod';
import { textSchema } from './text.ts';

const maxMetadataPairs = 16;

export const metadataSchema = z
  .record(textSchema(1, 64), textSchema(0, 512))
  .refine((pairs) => Object.keys(pairs).length <= maxMetadataPairs, {
    error: ({ input }) =>
      `has ${Object.keys(input as object).length} pairs; at most ${maxMetadataPairs} pairs ` +
      'are allowed',
  });
