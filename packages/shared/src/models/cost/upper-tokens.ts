/**
 * The most tokens that a call of a job should be billed for: its weight in a pool whose quota
 * counts tokens. It errs on the high side, so that a minute never holds more than the quota; what
 * the call was really billed corrects the pool afterwards. Cost estimates are `cost.ts`.
 */
import { readImageSize } from '../image-size.ts';
import { tokensPerImage, tokensPerPartialImage } from './image-tokens.ts';
import {
  defaultFrames,
  defaultQuality,
  outputKey,
  sourceKey,
  type BilledRequest,
  type LearningProvider,
  type LearntTokens,
} from './learnt-tokens.ts';
import {
  findModel,
  fixedSizes,
  listModels,
  type ModelFacts,
  type Quality,
} from '../model-table.ts';
import { countSourceTokens, fidelityOf, type PictureSize } from './source-tokens.ts';

/** A mean of at least this many calls replaces the figure of the table. */
const trustedCalls = 20;
/** How far a single call may exceed the mean. */
export const billedSpread = 1.25;
/** No text has more tokens than half of its bytes, except a few letters of rare scripts. */
const bytesPerToken = 2;
/** The best quality that OpenAI chooses for `auto`. */
const bestAutomatic = 'high';

export interface UpperFacts {
  /** The model that will be called. */
  model: string;
  provider: LearningProvider;
  /** The sizes of all pictures that are sent; null for one whose size is not known. */
  pictures: readonly (PictureSize | null)[];
  learnt: LearntTokens;
  /** Partial images that the deployment asks for by itself. */
  partialImages?: number;
}

/**
 * Tokens of prompt, source pictures and all images together, also for an unknown model.
 * @param output the result of `upperOutputTokens`, which rows with equal parameters share
 */
export function upperTokensOf(
  request: BilledRequest & { prompt: string },
  facts: UpperFacts,
  output = upperOutputTokens(request, facts),
): number {
  const text = Math.ceil(Buffer.byteLength(request.prompt) / bytesPerToken);
  return Math.ceil(text + upperSourceTokens(request, facts) + output);
}

function upperSourceTokens(
  request: BilledRequest,
  { model: id, provider, pictures, learnt }: UpperFacts,
): number {
  if (pictures.length === 0) return 0;
  const model = findModel(id);
  const factor = learnt.find(sourceKey(provider, id, request));
  const fidelity = fidelityOf(model, request.input_fidelity);
  const counted = pictures.reduce(
    (sum, size) => sum + countSourceTokens(model, fidelity, size ?? undefined),
    0,
  );
  return counted * Math.max(1, (factor?.mean ?? 0) * billedSpread);
}

/** Tokens of all images, partial ones included. They do not depend on the prompt. */
export function upperOutputTokens(
  request: BilledRequest,
  { model: id, provider, learnt, partialImages = 0 }: Omit<UpperFacts, 'pictures'>,
): number {
  const bound = boundOfImage(request, findModel(id), provider, id);
  const known = learnt.find(outputKey(provider, id, request));
  const learntBound = (known?.mean ?? 0) * billedSpread;
  const image =
    known !== null && known.calls >= trustedCalls ? learntBound : Math.max(bound, learntBound);
  const partials = (request.partial_images ?? partialImages) * tokensPerPartialImage;
  return image * (request.n ?? 1) + partials;
}

function boundOfImage(
  request: BilledRequest,
  model: ModelFacts | null,
  provider: LearningProvider,
  id: string,
): number {
  const { size = 'auto', quality = defaultQuality(provider, id) } = request;
  const sizes = (size === 'auto' ? fixedSizes : [size]).flatMap(
    (each) => readImageSize(each) ?? [],
  );
  const asked: Quality = quality === 'auto' ? bestAutomatic : quality;
  // An unknown model counts like the one of the table that counts most.
  const models = model === null ? listModels() : [model];
  const counts = models.flatMap((each) =>
    sizes.map((pixels) => tokensPerImage(each, pixels, asked) ?? 0),
  );
  const frames = request.output_format === 'gif' ? (request.frame_count ?? defaultFrames) : 1;
  return Math.max(0, ...counts) * frames;
}
