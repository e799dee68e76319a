/** Estimates the output tokens of a job, by the published table and formula of the providers. */
import type { JobRequest, StreamableJobRequest } from '../schemas/job-request.ts';
import { readImageSize, type ImageSize } from './image-size.ts';
import { tokenTable, type ModelFacts } from './model-table.ts';

/** The provider chooses a value for `auto` only when called, so the estimate assumes these. */
const assumedQuality = 'medium';
const assumedSize = '1024x1024';
/** What the providers bill for each partial image of a streamed call. */
const tokensPerPartialImage = 100;

export type OutputTokens = {
  tokens: number;
  /** Fields that were `auto` or absent, and for which a value was assumed. */
  assumed: ('size' | 'quality')[];
};

/** Output tokens of all n images; null when the model, the size or the quality is unknown. */
export function estimateOutputTokens(
  request: Pick<StreamableJobRequest, 'n' | 'size' | 'quality' | 'partial_images'>,
  model: ModelFacts | null,
): OutputTokens | null {
  const assumed: OutputTokens['assumed'] = [];
  let { size = 'auto', quality = 'auto' } = request;
  if (size === 'auto') {
    size = assumedSize;
    assumed.push('size');
  }
  if (quality === 'auto') {
    quality = assumedQuality;
    assumed.push('quality');
  }
  const pixels = readImageSize(size);
  const perImage = model && pixels && tokensPerImage(model, pixels, quality);
  if (perImage === null) return null;
  const partials = (request.partial_images ?? 0) * tokensPerPartialImage;
  return { tokens: perImage * (request.n ?? 1) + partials, assumed };
}

function tokensPerImage(
  model: ModelFacts,
  size: ImageSize,
  quality: NonNullable<JobRequest['quality']>,
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
