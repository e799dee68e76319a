/** Counts the tokens that a call is billed for. */
import { findModelRules } from './models.ts';

export interface Usage {
  total_tokens: number;
  input_tokens: number;
  output_tokens: number;
  input_tokens_details: { text_tokens: number; image_tokens: number };
  output_tokens_details: { image_tokens: number; text_tokens: number };
}

/** The second meter of an SVG document: what the model that wrote it used. */
export interface SvgUsage {
  model: string;
  input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  total_tokens: number;
}

/** What a call takes of the quota besides one request. */
export interface Weight {
  images: number;
  tokens: number;
}

interface PictureSpec {
  model: string;
  /** The frames of a gif, each billed like an image; 1 for another format. */
  frames: number;
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
function countImageTokens({ model, width, height, quality }: Omit<PictureSpec, 'frames'>): number {
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
 * Published for gpt-image-1: 65 tokens, plus 129 for each 512-pixel tile after the short edge is
 * scaled to 512. gpt-image-2 and later are measured to count patches of 32 pixels.
 */
const sourceTokens = { base: 65, tile: 129, high: 4160, highOblong: 6240 } as const;

function countSourceTokens(model: string, { pictures, fidelity }: EditSpec): number {
  const rules = findModelRules(model);
  if (rules.sourceTokens === 'patches')
    return pictures.reduce(
      (sum, { width, height }) => sum + Math.ceil(width / 32) * Math.ceil(height / 32),
      0,
    );
  // Models without the parameter always read pictures at high fidelity.
  const isHigh = fidelity === 'high' || rules.fidelities.length === 0;
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
  const image = n * spec.frames * countImageTokens(spec) + partialImages * partialImageTokens;
  return {
    total_tokens: text + source + image,
    input_tokens: text + source,
    output_tokens: image,
    input_tokens_details: { text_tokens: text, image_tokens: source },
    output_tokens_details: { image_tokens: image, text_tokens: 0 },
  };
}

/** Invented: the author reads the prompt and the reference image, and thinks before it writes. */
const authorTokens = { reference: 1_000, document: 3_000 } as const;
const reasoningTokens: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 200,
  low: 500,
  medium: 1_000,
  high: 2_000,
  xhigh: 4_000,
  max: 8_000,
};

export function buildSvgUsage(prompt: string, author: { model: string; effort: string }): SvgUsage {
  const input = countTextTokens(prompt) + authorTokens.reference;
  const reasoning = reasoningTokens[author.effort] ?? 0;
  const output = authorTokens.document + reasoning;
  return {
    model: author.model,
    input_tokens: input,
    output_tokens: output,
    reasoning_tokens: reasoning,
    total_tokens: input + output,
  };
}
