/** Counts the tokens that a call is billed for. */
import { findModelRules } from './models.ts';

export interface Usage {
  total_tokens: number;
  input_tokens: number;
  output_tokens: number;
  input_tokens_details: { text_tokens: number; image_tokens: number };
  output_tokens_details: { image_tokens: number; text_tokens: number };
}

interface PictureSpec {
  model: string;
  width: number;
  height: number;
  quality: string;
}

/** Published for the models before gpt-image-2: square, portrait, landscape. */
const published: Readonly<Record<string, readonly [number, number, number]>> = {
  low: [272, 408, 400],
  medium: [1056, 1584, 1568],
  high: [4160, 6240, 6208],
};

/**
 * Output tokens of one image. The formula reproduces every figure published for gpt-image-2 and
 * later models.
 */
function countImageTokens({ model, width, height, quality }: PictureSpec): number {
  const { tokens } = findModelRules(model);
  if (tokens.kind === 'table') {
    const [square, portrait, landscape] = published[quality] ?? [1056, 1584, 1568];
    return width === height ? square : width < height ? portrait : landscape;
  }
  const factor = tokens.factors[quality] ?? 48;
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  const shortSide = Math.floor((2 * factor * short + long) / (2 * long));
  return Math.ceil((factor * shortSide * (2_000_000 + width * height)) / 4_000_000);
}

/** Estimates text tokens as bytes divided by four, the usual rule. */
function countTextTokens(prompt: string): number {
  return Math.ceil(Buffer.byteLength(prompt) / 4);
}

/** Published: tokens that each partial image of a streamed call adds. */
const partialImageTokens = 100;

/**
 * The pictures of an edit in the order they are billed; `fidelity` is null when the caller did not
 * choose one.
 */
export interface EditSpec {
  pictures: readonly { width: number; height: number }[];
  fidelity: string | null;
}

/**
 * Published for gpt-image-1 and applied to all models: 65 tokens, plus 129 for each 512-pixel tile
 * after the short edge is scaled to 512.
 */
const sourceTokens = { base: 65, tile: 129, high: 4160, highOblong: 6240 } as const;

function countSourceTokens(model: string, { pictures, fidelity }: EditSpec): number {
  // Models without the parameter always read pictures at high fidelity.
  const isHigh = fidelity === 'high' || findModelRules(model).fidelities.length === 0;
  const { base, tile, high, highOblong } = sourceTokens;
  return pictures.reduce((sum, { width, height }) => {
    const tiles = Math.ceil(Math.max(width, height) / Math.min(width, height));
    const closely = isHigh ? (width === height ? high : highOblong) : 0;
    return sum + base + tile * tiles + closely;
  }, 0);
}

export function buildUsage(
  prompt: string,
  spec: PictureSpec,
  n: number,
  partialImages: number,
  edit: EditSpec | null,
): Usage {
  const text = countTextTokens(prompt);
  const source = edit === null ? 0 : countSourceTokens(spec.model, edit);
  const image = n * countImageTokens(spec) + partialImages * partialImageTokens;
  return {
    total_tokens: text + source + image,
    input_tokens: text + source,
    output_tokens: image,
    input_tokens_details: { text_tokens: text, image_tokens: source },
    output_tokens_details: { image_tokens: image, text_tokens: 0 },
  };
}
