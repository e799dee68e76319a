/**
 * Estimates what a job costs, before its call. An estimate says what it rests on: a published
 * figure, an inferred one, or what calls like it were billed. The actual cost is `actual-cost.ts`.
 */
import { toUsd } from '../../domain/money.ts';
import { weakestOf, type EstimateBasis } from './estimate-basis.ts';
import { microsOf, microsOfAuthor } from './actual-cost.ts';
import type { OutputTokens } from './image-tokens.ts';
import {
  sourceKey,
  svgKey,
  type BilledRequest,
  type LearningProvider,
  type LearntTokens,
} from './learnt-tokens.ts';
import {
  assumedSvgTokens,
  dearestSvgAuthor,
  findSvgAuthor,
  type ModelFacts,
} from '../model-table.ts';
import { countSourceTokens, fidelityOf, type PictureSize } from './source-tokens.ts';

export type CostEstimate = {
  /** null when the model, the size or the quality is unknown. */
  usd: number | null;
  /** null when there is no estimate. */
  basis: EstimateBasis | null;
  tokens: { textIn: number; imageIn: number; out: number | null };
  /** Fields that were `auto` or absent, and for which a value was assumed. */
  assumed: OutputTokens['assumed'];
};

/** A part of an estimate that does not depend on the prompt. */
export type EstimatedPart = { amount: number; basis: EstimateBasis };

/**
 * @param output the result of `estimateOutputTokens` for this request
 * @param sources input tokens of all source pictures; null for a generation
 * @param svg micro-dollars for the author of an SVG document; null when nothing can be estimated
 */
export function estimateCost(
  prompt: string,
  model: ModelFacts | null,
  output: OutputTokens | null,
  sources: EstimatedPart | null = null,
  svg: EstimatedPart | 'none' | null = 'none',
): CostEstimate {
  const tokens = {
    textIn: estimateTextTokens(prompt),
    imageIn: Math.round(sources?.amount ?? 0),
    out: output?.tokens ?? null,
  };
  const assumed = output?.assumed ?? [];
  if (model === null || output === null || svg === null)
    return { usd: null, basis: null, tokens, assumed };
  const micros =
    microsOf({ ...tokens, out: output.tokens, textOut: 0 }, model) +
    (svg === 'none' ? 0 : svg.amount);
  const parts = [
    output.basis,
    ...(sources ? [sources.basis] : []),
    ...(svg === 'none' ? [] : [svg.basis]),
  ];
  if (model.inferred.includes('price')) parts.push({ kind: 'inferred' });
  return { usd: toUsd(Math.round(micros)), basis: weakestOf(parts), tokens, assumed };
}

/** Input tokens of the source pictures of an edit; a picture of unknown size is null. */
export function estimateSourceTokens(
  request: BilledRequest,
  model: ModelFacts | null,
  pictures: readonly (PictureSize | null)[],
  { provider, learnt, id }: { provider: LearningProvider; learnt: LearntTokens; id: string },
): EstimatedPart | null {
  if (pictures.length === 0) return null;
  const fidelity = fidelityOf(model, request.input_fidelity);
  const counted = pictures.reduce(
    (sum, size) => sum + countSourceTokens(model, fidelity, size ?? undefined),
    0,
  );
  const known = learnt.find(sourceKey(provider, id, request));
  if (known !== null)
    return { amount: counted * known.mean, basis: { kind: 'learnt', calls: known.calls } };
  const isPublished = model?.sourceTokens === 'tiles' && !model.inferred.includes('tokens');
  return { amount: counted, basis: { kind: isPublished ? 'published' : 'inferred' } };
}

/**
 * What the author of an SVG document costs, in micro-dollars: the mean of such documents, or an
 * assumed number of tokens. A request without `svg.model` leaves the author to the provider; then
 * the dearest one is assumed. Null when the price of the author is not known.
 */
export function estimateSvgMicros(
  request: BilledRequest,
  { provider, learnt, id }: { provider: LearningProvider; learnt: LearntTokens; id: string },
): EstimatedPart | 'none' | null {
  if (request.output_format !== 'svg') return 'none';
  const known = learnt.find(svgKey(provider, id, request));
  if (known !== null) return { amount: known.mean, basis: { kind: 'learnt', calls: known.calls } };
  const author = request.svg?.model;
  const price = author === undefined ? dearestSvgAuthor : findSvgAuthor(author);
  if (price === null) return null;
  return { amount: microsOfAuthor(assumedSvgTokens, price), basis: { kind: 'inferred' } };
}

/**
 * Assumes four bytes of UTF-8 per token: close for English, a little off for other languages. Most
 * of the price is output.
 */
function estimateTextTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}
