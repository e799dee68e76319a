/**
 * Estimates the output tokens of a job: the mean of what such images were billed, or the published
 * table and formula of the providers before any was billed.
 */
import { readImageSize, type ImageSize } from '../image-size.ts';
import { weakestOf, type EstimateBasis } from './estimate-basis.ts';
import {
  defaultQuality,
  outputKey,
  type BilledRequest,
  type LearningProvider,
  type LearntTokens,
} from './learnt-tokens.ts';
import { tokenTable, type ModelFacts, type Quality } from '../model-table.ts';

/** OpenAI chooses a value for `auto` only when called, so the estimate assumes these. */
const assumedQuality = 'medium';
const assumedSize = '1024x1024';
/** What the providers bill for each partial image of a streamed call. */
export const tokensPerPartialImage = 100;

export type OutputTokens = {
  tokens: number;
  /** Fields that were `auto` or absent, and for which a value was assumed. */
  assumed: ('size' | 'quality')[];
  basis: EstimateBasis;
};

/** Output tokens of all n images; null when the model, the size or the quality is unknown. */
export function estimateOutputTokens(
  request: BilledRequest,
  model: ModelFacts | null,
  { provider, learnt }: { provider: LearningProvider; learnt: LearntTokens },
): OutputTokens | null {
  if (model === null) return null;
  const partials = (request.partial_images ?? 0) * tokensPerPartialImage;
  const n = request.n ?? 1;
  const known = learnt.find(outputKey(provider, model.id, request));
  if (known !== null) {
    const basis = { kind: 'learnt', calls: known.calls } as const;
    return { tokens: Math.round(known.mean * n) + partials, assumed: [], basis };
  }
  const assumed: OutputTokens['assumed'] = [];
  let { size = 'auto', quality = defaultQuality(provider, model.id) } = request;
  if (size === 'auto') {
    size = assumedSize;
    assumed.push('size');
  }
  if (quality === 'auto') {
    quality = provider === 'azure' ? model.azureDefaultQuality : assumedQuality;
    assumed.push('quality');
  }
  const pixels = readImageSize(size);
  const perImage = pixels && tokensPerImage(model, pixels, quality);
  if (perImage === null) return null;
  // No provider has published what the frames of a gif cost.
  const isGuessed = assumed.length > 0 || request.output_format === 'gif';
  const basis = weakestOf([
    basisOfTokens(model),
    ...(isGuessed ? [{ kind: 'inferred' } as const] : []),
  ]);
  return { tokens: perImage * n + partials, assumed, basis };
}

function basisOfTokens({ tokens, inferred }: ModelFacts): EstimateBasis {
  if (inferred.includes('tokens')) return { kind: 'inferred' };
  return { kind: tokens.kind === 'table' ? 'published' : tokens.source };
}

/** Null when the model does not have the quality. */
export function tokensPerImage(
  model: ModelFacts,
  size: ImageSize,
  quality: Quality,
): number | null {
  if (model.tokens.kind === 'formula') {
    const q = model.tokens.q[quality];
    return q === undefined ? null : tokensByFormula(size, q);
  }
  if (quality !== 'low' && quality !== 'medium' && quality !== 'high') return null;
  return tokenTable[quality][shapeOf(size)];
}

function shapeOf({ width, height }: ImageSize): 'square' | 'portrait' | 'landscape' {
  if (width === height) return 'square';
  return width < height ? 'portrait' : 'landscape';
}

/**
 * s = floor((2·q·short + long) / (2·long)) is the short edge in patches when the long edge has q
 * patches; tokens = ceil(q · s · (2,000,000 + w·h) / 4,000,000). The formula gives every figure
 * that OpenAI published for gpt-image-2 (196 for 1024x1024 low, 1413 for 2048x1152 medium). For
 * gpt-image-2.5 the values of q are inferred from measurements.
 */
function tokensByFormula({ width, height }: ImageSize, q: number): number {
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  const s = Math.floor((2 * q * short + long) / (2 * long));
  return Math.ceil((q * s * (2_000_000 + width * height)) / 4_000_000);
}
