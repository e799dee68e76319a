/** Pools and models, as the API answers them. */
import { z } from 'zod';
import { inputFidelities, outputFormats, qualities } from './field-values.ts';

export const poolSchema = z
  .object({
    object: z.literal('pool'),
    name: z.string(),
    rpm: z.number().meta({ description: 'Requests a minute the provider grants.' }),
    status: z.enum(['open', 'blocked', 'paused']).meta({
      description:
        '`blocked`: until a time. `paused`: by a fault that calls probe, or by an operator.',
    }),
    pace: z.object({ interval_ms: z.number(), share: z.number() }).meta({
      description: 'Spacing of starts, and the share of the quota that refusals have left.',
    }),
    next_start_at: z
      .number()
      .nullable()
      .meta({ description: 'Unix seconds; null while no start was ever taken.' }),
    blocked_until: z.number().nullable(),
    blocked_reason: z.string().nullable(),
    backlog: z.int().meta({
      description: 'Jobs that wait and that it may take, also such as other pools may take.',
    }),
    in_flight: z.int(),
    held: z.int(),
    at_risk: z.number().meta({ description: 'US dollars of calls whose outcome nobody can know.' }),
    eta_seconds: z.int().nullable().meta({
      description:
        'When the backlog should have started; null while an operator has paused the pool.',
    }),
    deployments: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['open', 'paused']),
        paused_reason: z.string().nullable(),
        next_probe_at: z.number().nullable().meta({ description: 'Unix seconds.' }),
      }),
    ),
  })
  .meta({ id: 'Pool' });

export type PoolView = z.infer<typeof poolSchema>;

export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    aliases: z.array(z.string()),
    deployments: z
      .array(z.string())
      .meta({ description: 'The configured deployments that serve it.' }),
    parameters: z.array(z.string()).meta({ description: 'The fields of a request that it takes.' }),
    sizes: z.union([
      z.object({ kind: z.literal('fixed'), allowed: z.array(z.string()) }),
      z.object({
        kind: z.literal('free'),
        edge_multiple: z.int(),
        max_ratio: z.number(),
        max_edge: z.int(),
        min_pixels: z.int(),
        max_pixels: z.int(),
      }),
    ]),
    qualities: z.array(z.enum(qualities)),
    output_formats: z.object({
      openai: z.array(z.enum(outputFormats)),
      azure: z.array(z.enum(outputFormats)),
    }),
    input_fidelity: z.array(z.enum(inputFidelities)).meta({ description: 'Of edits.' }),
    transparent_background: z.union([z.boolean(), z.literal('preview')]),
    usd_per_million_tokens: z.object({
      text_in: z.number(),
      image_in: z.number(),
      out: z.number(),
    }),
    retires: z.object({ openai: z.string().nullable(), azure: z.string().nullable() }),
    azure_default_rpm: z.number().nullable(),
  })
  .meta({ id: 'ImageModel' });

export type ModelView = z.infer<typeof modelSchema>;
