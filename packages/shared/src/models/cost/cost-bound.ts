/**
 * The most that a job can cost, before its call: an upper bound, where `estimate-cost.ts` gives
 * what is expected. What the request leaves open counts as its dearest value.
 */
import { readImageSize, type ImageSize } from '../image-size.ts';
import { tokensPerImage, tokensPerPartialImage } from './image-tokens.ts';
import {
  defaultFrames,
  outputKey,
  sourceKey,
  type BilledRequest,
  type LearningProvider,
  type LearntTokens,
} from './learnt-tokens.ts';
import { fixedSizes, freeSizes, type ModelFacts } from '../model-table.ts';
import { countSourceTokens, fidelityOf, type PictureSize } from './source-tokens.ts';
import { billedSpread } from './upper-tokens.ts';

export interface BoundFacts {
  provider: LearningProvider;
  learnt: LearntTokens;
  /** The name of the model that will be called. */
  id: string;
}

/** Why a job has no bound. */
export type Unbounded = 'unknown_model' | 'svg' | 'unknown_size';

/**
 * The most output tokens of one call: n images of this size and quality, or of the largest and the
 * highest that the model makes, and its partial images. Calls that were billed more raise the
 * bound.
 * @param partialImages partial images that a deployment asks for by itself
 */
export function boundOutputTokens(
  request: BilledRequest,
  model: ModelFacts | null,
  { provider, learnt, id, partialImages }: BoundFacts & { partialImages: number },
): number | Unbounded {
  if (model === null) return 'unknown_model';
  // The model that writes an SVG document may think for as long as it likes.
  if (request.output_format === 'svg') return 'svg';
  const { size = 'auto', quality = 'auto' } = request;
  const sizes = size === 'auto' ? largestSizes(model) : [readImageSize(size) ?? []].flat();
  const qualities = quality === 'auto' ? model.qualities : [quality];
  const counts = sizes.flatMap((pixels) =>
    qualities.flatMap((each) =>
      each === 'auto' ? [] : (tokensPerImage(model, pixels, each) ?? []),
    ),
  );
  if (counts.length === 0) return 'unknown_size';
  const frames = request.output_format === 'gif' ? (request.frame_count ?? defaultFrames) : 1;
  const billed = (learnt.find(outputKey(provider, id, request))?.mean ?? 0) * billedSpread;
  const partials = (request.partial_images ?? partialImages) * tokensPerPartialImage;
  return Math.ceil(Math.max(Math.max(...counts) * frames, billed) * (request.n ?? 1) + partials);
}

/** The sizes among which the one with the most tokens is. */
function largestSizes({ sizes }: ModelFacts): ImageSize[] {
  if (sizes === 'fixed') return fixedSizes.flatMap((size) => readImageSize(size) ?? []);
  // Tokens rise with the area, and at the same area a square has the most.
  const edge = Math.min(freeSizes.max_edge, Math.ceil(Math.sqrt(freeSizes.max_pixels)));
  return [{ width: edge, height: edge }];
}

/**
 * Micro-dollars of one call at most. A token has at least one byte, so the prompt has no more
 * tokens than bytes.
 * @param output the result of `boundOutputTokens`
 * @param pictures the sizes of all pictures that are sent
 */
export function boundCallMicros(
  request: BilledRequest & { prompt: string },
  model: ModelFacts,
  output: number,
  pictures: readonly (PictureSize | null)[],
  { provider, learnt, id }: BoundFacts,
): number {
  const { textIn, imageIn, out, textOut } = model.usdPerMillion;
  const fidelity = fidelityOf(model, request.input_fidelity);
  const counted = pictures.reduce(
    (sum, size) => sum + countSourceTokens(model, fidelity, size ?? undefined),
    0,
  );
  const billed =
    pictures.length === 0
      ? 1
      : (learnt.find(sourceKey(provider, id, request))?.mean ?? 1) * billedSpread;
  return Math.ceil(
    Buffer.byteLength(request.prompt) * textIn +
      counted * Math.max(1, billed) * imageIn +
      output * Math.max(out, textOut ?? 0),
  );
}
