/** A file as the SDK of OpenAI reads it, and the request to upload one. */
import { z } from 'zod';
import { expirySeconds, filePurposes, uploadPurposes } from '../domain/file-rules.ts';
import { numberText, pageQuerySchema } from './api.ts';
import { pictureSchema } from './picture.ts';
import { textSchema } from './text.ts';

export const fileSchema = z
  .object({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.int(),
    created_at: z.int().meta({ description: 'Unix seconds' }),
    expires_at: z.int().optional().meta({
      description:
        'Unix seconds. The file is deleted within an hour after this time. Absent: it is kept.',
    }),
    filename: z.string(),
    purpose: z.enum(filePurposes),
    picture: pictureSchema
      .optional()
      .meta({ description: 'What the file shows, when its purpose is `vision`.' }),
    status: z
      .literal('processed')
      .meta({ description: 'Always `processed`: a file can be used as soon as it exists.' }),
  })
  .meta({ id: 'File' });

export type FileObject = z.infer<typeof fileSchema>;

export const deletedFileSchema = z.object({
  id: z.string(),
  object: z.literal('file'),
  deleted: z.literal(true),
});

/** The fields of the form, without the file itself. */
export const fileRequestSchema = z.strictObject({
  purpose: z.enum(uploadPurposes),
  expires_after: z
    .strictObject({
      anchor: z.literal('created_at'),
      seconds: numberText(expirySeconds.min, expirySeconds.max),
    })
    .optional(),
});

export type FileRequest = z.infer<typeof fileRequestSchema>;

/** The form as clients send it, only for the description of the API. */
export const fileFormSchema = z.strictObject({
  file: z.file().meta({ description: 'JSONL or CSV for `batch`; png, jpeg or webp for `vision`.' }),
  purpose: z.enum(uploadPurposes),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.int().min(expirySeconds.min).max(expirySeconds.max).optional(),
});

/** This list has OpenAI's limits, which are wider than those of Kiln's own lists. */
export const fileQuerySchema = pageQuerySchema.extend({
  limit: numberText(1, 10_000).default(10_000),
  order: z.enum(['asc', 'desc']).default('desc'),
  purpose: textSchema(1, 64).optional(),
});

export type FileQuery = z.infer<typeof fileQuerySchema>;
