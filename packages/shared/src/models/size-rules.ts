/**
 * Which sizes a model takes: one of a fixed list, or any size within limits. Every model takes
 * `auto`.
 */
import { readImageSize } from './image-size.ts';
import { fixedSizes, freeSizes, type ModelFacts } from './model-table.ts';

export type SizeCheck =
  | { status: 'supported' }
  | { status: 'experimental'; reason: string }
  | { status: 'unsupported'; allowed: string };

/** A message about the field ends with `allowed` or `reason`. */
export function checkSize(size: string, model: ModelFacts): SizeCheck {
  if (size === 'auto') return { status: 'supported' };
  return model.sizes === 'fixed' ? checkFixedSize(size, model.id) : checkFreeSize(size, model.id);
}

function checkFixedSize(size: string, modelId: string): SizeCheck {
  if (fixedSizes.includes(size)) return { status: 'supported' };
  return {
    status: 'unsupported',
    allowed: `${modelId} takes auto, ${fixedSizes.slice(0, -1).join(', ')} or ${fixedSizes.at(-1)}`,
  };
}

function checkFreeSize(size: string, modelId: string): SizeCheck {
  const pixels = readImageSize(size);
  if (!pixels) {
    return {
      status: 'unsupported',
      allowed: `${modelId} takes auto or WIDTHxHEIGHT in pixels, such as 1024x1024`,
    };
  }
  const { width, height } = pixels;
  const long = Math.max(width, height);
  const area = width * height;
  const broken: string[] = [];
  if (width % freeSizes.edge_multiple !== 0 || height % freeSizes.edge_multiple !== 0) {
    broken.push(`edges must be multiples of ${freeSizes.edge_multiple}`);
  }
  if (long > freeSizes.max_edge) broken.push(`edges must be at most ${freeSizes.max_edge}`);
  if (long > freeSizes.max_ratio * Math.min(width, height)) {
    broken.push(
      `the ratio of the edges must be between 1:${freeSizes.max_ratio} and ` +
        `${freeSizes.max_ratio}:1`,
    );
  }
  if (area < freeSizes.min_pixels || area > freeSizes.max_pixels) {
    broken.push(
      `width times height must be ${freeSizes.min_pixels} to ${freeSizes.max_pixels} pixels, ` +
        `not ${area}`,
    );
  }
  if (broken.length > 0) return { status: 'unsupported', allowed: broken.join('; ') };
  if (area > freeSizes.experimental_above_pixels) {
    return {
      status: 'experimental',
      reason: `${modelId} supports more than 2560x1440 pixels only experimentally`,
    };
  }
  return { status: 'supported' };
}
