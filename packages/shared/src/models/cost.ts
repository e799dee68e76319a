/**
 * What a job costs: an estimate before the call, and after it the actual cost, from the provider's
 * count of tokens. Costs are rounded to whole micro-dollars (a price of x dollars per million
 * tokens is x micro-dollars per token), so no sum of jobs drifts. Prices are the list prices of the
 * model table, without any discount or batch price.
 */
import { z } from 'zod';
import { toUsd } from '../domain/money.ts';
import type { StreamableJobRequest } from '../schemas/job-request.ts';
import { estimateOutputTokens, type OutputTokens } from './image-tokens.ts';
import type { ModelFacts } from './model-table.ts';

export type CostEstimate = {
  /** null when the model, the size or the quality is unknown. */
  usd: number | null;
  tokens: { textIn: number; imageIn: number; out: number | null };
  /** Fields that were `auto` or absent; the estimate assumes quality `medium` and 1024x1024. */
  assumed: OutputTokens['assumed'];
};

/** The part of the usage object that is billed. Other members are ignored. */
const tokenCount = z.int().nonnegative();
const usageSchema = z.object({
  input_tokens_details: z.object({ text_tokens: tokenCount, image_tokens: tokenCount }),
  output_tokens: tokenCount,
});

/**
 * @param output the result of `estimateOutputTokens` for this request, when it is known already
 * @param imageIn expected input tokens of all source pictures (`input-image-tokens.ts`)
 */
export function estimateCost(
  request: StreamableJobRequest,
  model: ModelFacts | null,
  output: OutputTokens | null = estimateOutputTokens(request, model),
  imageIn = 0,
): CostEstimate {
  const textIn = estimateTextTokens(request.prompt);
  const usd = model && output && usdOf({ textIn, imageIn, out: output.tokens }, model);
  return {
    usd,
    tokens: { textIn, imageIn, out: output?.tokens ?? null },
    assumed: output?.assumed ?? [],
  };
}

/** The input tokens billed for source pictures; null when the usage object does not say. */
export function imageTokensOf(usage: unknown): number | null {
  return usageSchema.safeParse(usage).data?.input_tokens_details.image_tokens ?? null;
}

/**
 * US dollars, from the usage object of the provider; null when its shape or the model is unknown.
 */
export function actualCost(usage: unknown, model: ModelFacts | null): number | null {
  const parsed = usageSchema.safeParse(usage);
  if (!parsed.success || !model) return null;
  const { input_tokens_details: input, output_tokens: out } = parsed.data;
  return usdOf({ textIn: input.text_tokens, imageIn: input.image_tokens, out }, model);
}

/**
 * Assumes four bytes of UTF-8 per token: close for English, a little off for other languages. Most
 * of the price is output.
 */
function estimateTextTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

function usdOf(
  tokens: { textIn: number; imageIn: number; out: number },
  { usdPerMillion: price }: ModelFacts,
): number {
  return toUsd(
    Math.round(
      tokens.textIn * price.textIn + tokens.imageIn * price.imageIn + tokens.out * price.out,
    ),
  );
}
