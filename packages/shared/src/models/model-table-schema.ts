/** The schema of `models.json`, which `model-table.ts` turns into facts about models. */
import { z } from 'zod';
import { outputFormats, qualities } from '../schemas/field-values.ts';

const retirementDateSchema = z.strictObject({
  date: z.iso.date(),
  source: z.enum(['provider', 'third-party']),
});

const formatsSchema = z.array(z.enum(outputFormats)).min(1);

/** Facts that are documented for another model, and taken over for this one. */
const inferableFacts = [
  'size',
  'quality',
  'background',
  'input_fidelity',
  'markup',
  'tokens',
  'price',
] as const;

/** The facts that a model with `same_as` may set for itself. */
const ownFacts = {
  aliases: z.array(z.string()).default([]),
  inferred: z.array(z.enum(inferableFacts)).default([]),
  openai_batch: z.boolean().nullable().default(null),
  retirement: z
    .strictObject({
      openai: retirementDateSchema.optional(),
      azure: retirementDateSchema.optional(),
    })
    .default({}),
  azure_default_rpm: z.int().positive().nullable().default(null),
  azure_confirmed: z.boolean().default(true),
};

const fullModelSchema = z.strictObject({
  ...ownFacts,
  sizes: z.enum(['fixed', 'free']),
  quality: z.array(z.enum(qualities)),
  formats: z.strictObject({ openai: formatsSchema, azure: formatsSchema }),
  transparent: z.union([z.boolean(), z.literal('preview')]),
  input_fidelity: z.array(z.enum(['low', 'high'])).default([]),
  markup: z.boolean().default(false),
  tokens: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('table') }),
    z.strictObject({
      kind: z.literal('formula'),
      q: z.partialRecord(z.enum(qualities), z.int().positive()),
      source: z.enum(['published', 'inferred']),
    }),
  ]),
  source_tokens: z.enum(['tiles', 'patches']),
  azure_default_quality: z.enum(['low', 'medium', 'high']).default('high'),
  usd_per_million: z.strictObject({
    text_in: z.number().positive(),
    image_in: z.number().positive(),
    out: z.number().positive(),
    text_out: z.number().positive().optional(),
  }),
});

const sameModelSchema = z.strictObject({ ...ownFacts, same_as: z.string() });

const tokensByShape = z.strictObject({
  square: z.int().positive(),
  portrait: z.int().positive(),
  landscape: z.int().positive(),
});

export const modelTableSchema = z.strictObject({
  note: z.string(),
  fixed_sizes: z.array(z.string().regex(/^\d+x\d+$/)),
  free_sizes: z.strictObject({
    edge_multiple: z.int().positive(),
    max_ratio: z.number().positive(),
    max_edge: z.int().positive(),
    min_pixels: z.int().positive(),
    max_pixels: z.int().positive(),
    experimental_above_pixels: z.int().positive(),
  }),
  source_tokens: z.strictObject({
    base: z.int().positive(),
    tile: z.int().positive(),
    high_square: z.int().positive(),
    high_oblong: z.int().positive(),
    patch: z.int().positive(),
  }),
  svg_tokens: z.strictObject({ in: z.int().positive(), out: z.int().positive() }),
  svg_authors: z.record(
    z.string(),
    z.strictObject({
      aliases: z.array(z.string()).default([]),
      usd_per_million: z.strictObject({ in: z.number().positive(), out: z.number().positive() }),
    }),
  ),
  token_table: z.strictObject({
    low: tokensByShape,
    medium: tokensByShape,
    high: tokensByShape,
  }),
  models: z.record(z.string(), z.union([fullModelSchema, sameModelSchema])),
  openai_tiers: z.array(z.strictObject({ tpm: z.int().positive(), ipm: z.int().positive() })),
  azure_regions: z.array(z.string()),
});

export type InferableFact = (typeof inferableFacts)[number];
export type FullModel = z.infer<typeof fullModelSchema>;
