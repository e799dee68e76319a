/**
 * What a job costs, before (an estimate) and after (from the provider's own count). Money is
 * counted in whole micro-dollars: a price of x dollars per million tokens is x micro-dollars per
 * token, so no sum of jobs drifts. It leaves this file as US dollars with six decimals. Prices are
 * the list prices of the model table: no discount, no batch price.
 */
import { z } from 'zod';
import { toUsd } from '../domain/money.ts';
import type { StreamableJobRequest } from '../schemas/job-request.ts';
import { estimateOutputTokens, type OutputTokens } from './image-tokens.ts';
import type { ModelFacts } from './model-table.ts';

export type CostEstimate = {
  /** null for an unknown model, size or quality. */
  usd: number | null;
  tokens: { textIn: number; imageIn: number; out: number | null };
  /** Fields that were `auto` or absent, for which `medium` and 1024x1024 were counted. */
  assumed: OutputTokens['assumed'];
};

/** The part of the provider's usage object that is billed; what else it holds is left alone. */
const tokenCount = z.int().nonnegative();
const usageSchema = z.object({
  input_tokens_details: z.object({ text_tokens: tokenCount, image_tokens: tokenCount }),
  output_tokens: tokenCount,
});

/**
 * @param output what `estimateOutputTokens` says of this request, where it has been asked
 * @param imageIn tokens that the pictures of an edit are expected to be billed for
 * (`input-image-tokens.ts`)
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

/**
 * How many tokens the pictures that were sent have been billed for; null where the usage does not
 * say.
 */
export function imageTokensOf(usage: unknown): number | null {
  return usageSchema.safeParse(usage).data?.input_tokens_details.image_tokens ?? null;
}

/**
 * US dollars, from the usage object as the provider sent it; null where its shape or the model is
 * unknown.
 */
export function actualCost(usage: unknown, model: ModelFacts | null): number | null {
  const parsed = usageSchema.safeParse(usage);
  if (!parsed.success || !model) return null;
  const { input_tokens_details: input, output_tokens: out } = parsed.data;
  return usdOf({ textIn: input.text_tokens, imageIn: input.image_tokens, out }, model);
}

/**
 * About four bytes of UTF-8 make a token: near for English, a little low or high for other
 * languages. The output is most of the price.
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
