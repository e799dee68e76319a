/** Images of the gallery in responses: a row of the wall, and everything about one of them. */
import { z } from 'zod';
import { jobStatuses } from '../../domain/job-state.ts';
import { listSchema } from '../api.ts';
import { costSchema, provenanceSchema } from '../job.ts';
import { storedJobRequestSchema } from '../job-request.ts';
import { metadataSchema } from '../metadata.ts';

/** How much of a prompt the wall has. */
export const wallPromptCharacters = 200;

const seconds = z.int().meta({ description: 'Unix seconds' });
const rating = z.int().min(1).max(5).nullable().meta({ description: '1 to 5; null: none.' });

export const galleryImageSchema = z
  .object({
    id: z.string().meta({ description: 'The job and the index of the image: `job_019f…/0`.' }),
    object: z.literal('image'),
    job_id: z.string(),
    index: z.int(),
    batch_id: z.string().nullable(),
    custom_id: z.string().nullable(),
    model: z.string().nullable(),
    edited: z.boolean(),
    derived: z.boolean().meta({ description: 'It was made from a draft.' }),
    width: z.int(),
    height: z.int(),
    format: z.string(),
    bytes: z.int(),
    thumbhash: z.string().nullable(),
    rating,
    starred: z.boolean(),
    albums: z.array(z.string()),
    cost: z
      .object({ currency: z.literal('usd'), actual: z.number().nullable() })
      .meta({ description: 'Its share of what its job cost, in US dollars.' }),
    created_at: seconds.meta({ description: 'Unix seconds: when its job was submitted.' }),
    trashed_at: seconds.nullable(),
    url: z.string(),
    thumbnail_url: z.string().nullable(),
    prompt: z
      .string()
      .meta({ description: `The first ${wallPromptCharacters} characters of the prompt.` }),
  })
  .meta({ id: 'Image' });

export const galleryImageListSchema = listSchema(galleryImageSchema).extend({
  search_complete: z.boolean().meta({
    description: 'False: images that were not searched may match as well; `last_id` leads to them.',
  }),
});

export const imageCountSchema = z.object({
  object: z.literal('image.count'),
  count: z.int(),
  is_complete: z.boolean().meta({
    description: 'False: only the newest images were searched, because no index has such texts.',
  }),
});

const sourceFileSchema = z.object({
  file_id: z.string(),
  filename: z.string().nullable(),
  bytes: z.int().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  url: z.string().nullable().meta({ description: 'Null: the file was deleted.' }),
});

/** An image where only its picture is shown. */
export const relatedImageSchema = z.object({
  id: z.string(),
  url: z.string(),
  thumbnail_url: z.string().nullable(),
  thumbhash: z.string().nullable(),
  width: z.int(),
  height: z.int(),
});

export const imageDetailsSchema = galleryImageSchema
  .omit({ prompt: true })
  .extend({
    prompt: z.string(),
    revised_prompt: z.string().nullable(),
    sha256: z.string(),
    filename: z.string().nullable().meta({ description: 'The name that the row of a batch gave.' }),
    row: z.int().nullable(),
    batch_name: z.string().nullable(),
    metadata: metadataSchema,
    deployment: z.string().nullable(),
    finished_at: seconds.nullable(),
    request: storedJobRequestSchema.meta({ description: 'What was asked for.' }),
    got: z
      .object({
        width: z.int(),
        height: z.int(),
        format: z.string(),
        quality: z.string().nullable(),
        background: z.string().nullable(),
      })
      .meta({ description: 'What the provider made.' }),
    job_cost: costSchema,
    attempts: z.int(),
    sources: z.array(sourceFileSchema),
    mask: sourceFileSchema.nullable(),
    composite_url: z.string().nullable(),
    provenance: provenanceSchema,
    reused_from: z.string().nullable().meta({
      description: 'The job that was paid for, if this one shows its images.',
    }),
    lineage: z.object({
      made_from: z.array(
        z.object({
          kind: z.enum(['draft', 'source']),
          id: z.string().meta({ description: 'The image of a draft, or the file of a source.' }),
          image: relatedImageSchema.nullable().meta({
            description: 'Null for a source, and for a draft that was deleted.',
          }),
        }),
      ),
      became: z.array(
        z.object({
          kind: z.literal('final'),
          job_id: z.string(),
          batch_id: z.string().nullable(),
          status: z.enum(jobStatuses),
          images: z.array(relatedImageSchema),
        }),
      ),
    }),
  })
  .meta({ id: 'ImageDetails' });

export const imageMarksSchema = z
  .strictObject({ rating: rating.optional(), starred: z.boolean().optional() })
  .refine(({ rating: given, starred }) => given !== undefined || starred !== undefined, {
    error: 'has neither `rating` nor `starred`',
  });

export type GalleryImage = z.infer<typeof galleryImageSchema>;
export type ImageDetails = z.infer<typeof imageDetailsSchema>;
export type RelatedImage = z.infer<typeof relatedImageSchema>;
export type SourceOfImage = z.infer<typeof sourceFileSchema>;
export type ImageMarks = z.infer<typeof imageMarksSchema>;
