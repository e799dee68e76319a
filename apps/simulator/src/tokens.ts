/** What a call is billed for, in tokens. */
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

/** Output tokens of one image. The formula reproduces every figure published for gpt-image-2 and later. */
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

/** About four bytes a token, the usual estimate. */
function countTextTokens(prompt: string): number {
  return Math.ceil(Buffer.byteLength(prompt) / 4);
}

/** Published: what each partial image of a streamed call adds. */
const partialImageTokens = 100;

export function buildUsage(prompt: string, spec: PictureSpec, n: number, partialImages: number): Usage {
  const text = countTextTokens(prompt);
  const image = n * countImageTokens(spec) + partialImages * partialImageTokens;
  return {
    total_tokens: text + image,
    input_tokens: text,
    output_tokens: image,
    input_tokens_details: { text_tokens: text, image_tokens: 0 },
    output_tokens_details: { image_tokens: image, text_tokens: 0 },
  };
}
