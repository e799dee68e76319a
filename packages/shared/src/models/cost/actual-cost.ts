/**
 * What a call cost, from the provider's count of tokens. Costs are rounded to whole micro-dollars
 * (a price of x dollars per million tokens is x micro-dollars per token), so no sum of jobs drifts.
 * Prices are the list prices of the model table, without any discount or batch price. An SVG
 * document has a second meter, `svg_usage`: the tokens of the model that wrote it. Estimates are
 * `estimate-cost.ts`.
 */
import { z } from 'zod';
import { toUsd } from '../../domain/money.ts';
import { findSvgAuthor, type ModelFacts, type SvgAuthorPrice } from '../model-table.ts';

/** The part of the usage object that is billed. Other members are ignored. */
const tokenCount = z.int().nonnegative();
const usageSchema = z.object({
  input_tokens_details: z.object({ text_tokens: tokenCount, image_tokens: tokenCount }),
  output_tokens: tokenCount,
  output_tokens_details: z.object({ text_tokens: tokenCount }).optional().catch(undefined),
});

const usedSchema = z.object({ input_tokens: tokenCount, output_tokens: tokenCount });

const svgUsageSchema = z.object({
  model: z.string(),
  input_tokens: tokenCount,
  output_tokens: tokenCount,
  total_tokens: tokenCount.optional().catch(undefined),
});

/** The input tokens billed for source pictures; null when the usage object does not say. */
export function imageTokensOf(usage: unknown): number | null {
  return usageSchema.safeParse(usage).data?.input_tokens_details.image_tokens ?? null;
}

/** The output tokens billed for all images; null when the usage object does not say. */
export function outputTokensOf(usage: unknown): number | null {
  return usageSchema.safeParse(usage).data?.output_tokens ?? null;
}

/** All tokens that a call used, input and output; null when the usage object does not say. */
export function usedTokensOf(usage: unknown): number | null {
  const used = usedSchema.safeParse(usage).data;
  return used === undefined ? null : used.input_tokens + used.output_tokens;
}

/** Micro-dollars of the author of an SVG document; null when it or its price is not known. */
export function svgMicrosOf(svgUsage: unknown): number | null {
  const used = svgUsageSchema.safeParse(svgUsage).data;
  const price = used === undefined ? null : findSvgAuthor(used.model);
  if (used === undefined || price === null) return null;
  const { input_tokens: input, output_tokens: output, total_tokens: total = 0 } = used;
  // In OpenAI's other APIs `output_tokens` includes the reasoning tokens. The total tells when it
  // does not.
  return microsOfAuthor({ in: input, out: Math.max(output, total - input) }, price);
}

/**
 * US dollars, from what the provider says it used; null when its shape, the model or the author of
 * an SVG document is unknown.
 * @param svgUsage null for anything but an SVG document
 */
export function actualCost(
  usage: unknown,
  model: ModelFacts | null,
  svgUsage: unknown = null,
): number | null {
  const parsed = usageSchema.safeParse(usage);
  if (!parsed.success || !model) return null;
  const {
    input_tokens_details: input,
    output_tokens: out,
    output_tokens_details: details,
  } = parsed.data;
  const textOut = Math.min(out, details?.text_tokens ?? 0);
  const image = microsOf(
    { textIn: input.text_tokens, imageIn: input.image_tokens, out: out - textOut, textOut },
    model,
  );
  const svg = svgUsage === null ? 0 : svgMicrosOf(svgUsage);
  return svg === null ? null : toUsd(Math.round(image + svg));
}

/** Text that a model answers with has a price of its own where the provider publishes one. */
export function microsOf(
  tokens: { textIn: number; imageIn: number; out: number; textOut: number },
  { usdPerMillion: price }: ModelFacts,
): number {
  return (
    tokens.textIn * price.textIn +
    tokens.imageIn * price.imageIn +
    tokens.out * price.out +
    tokens.textOut * (price.textOut ?? price.out)
  );
}

export function microsOfAuthor(tokens: { in: number; out: number }, price: SvgAuthorPrice): number {
  return tokens.in * price.in + tokens.out * price.out;
}
