/**
 * Sizes by ratio and scale, snapped to what a model takes: the edges are multiples of its step, no
 * longer than its longest edge, and their product is within its limits.
 */
import type { ImageModel } from './types.ts';

export const ratios = ['1:1', '5:4', '4:5', '3:2', '2:3', '16:9', '9:16', '3:1', '1:3'] as const;
export type Ratio = (typeof ratios)[number];

export const scales = ['1K', '2K', '4K'] as const;
export type Scale = (typeof scales)[number];

export interface Size {
  width: number;
  height: number;
}

type FreeSizes = Extract<ImageModel['sizes'], { kind: 'free' }>;

/** Sizes of models that the table does not know: what the newest ones take. */
export const usualSizes: ImageModel['sizes'] = {
  kind: 'free',
  edge_multiple: 16,
  max_edge: 3840,
  max_pixels: 8_294_400,
  max_ratio: 3,
  min_pixels: 655_360,
};

/**
 * The edge of a square with as many pixels. 2K is 2560x1440, above which models are experimental,
 * and a square of 2048; 4K takes as many pixels as the model makes.
 */
const edges: Readonly<Record<Scale, number>> = { '1K': 1024, '2K': 1920, '4K': 4096 };

export function readSize(text: string): Size | null {
  const [, width, height] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(text) ?? [];
  return width === undefined || height === undefined
    ? null
    : { width: Number(width), height: Number(height) };
}

/** The size of a ratio and a scale; null where the model has none. */
export function presetSize(ratio: Ratio, scale: Scale, sizes: ImageModel['sizes']): string | null {
  const wanted = valueOf(ratio);
  if (sizes.kind === 'fixed') {
    if (scale !== '1K') return null;
    return (
      sizes.allowed.find((each) => {
        const size = readSize(each);
        return size !== null && Math.abs(size.width / size.height - wanted) < 0.01;
      }) ?? null
    );
  }
  if (wanted > sizes.max_ratio || 1 / wanted > sizes.max_ratio) return null;
  const edge = ratio === '1:1' && scale === '2K' ? 2048 : edges[scale];
  const { width, height } = snap(wanted, edge ** 2, sizes);
  return `${width}x${height}`;
}

/** The largest size of this ratio with at most `pixels` that the model takes. */
function snap(ratio: number, pixels: number, sizes: FreeSizes): Size {
  const step = sizes.edge_multiple;
  const area = Math.min(Math.max(pixels, sizes.min_pixels), sizes.max_pixels);
  const long = Math.min(sizes.max_edge, Math.sqrt(area * Math.max(ratio, 1 / ratio)));
  const shape = Math.max(ratio, 1 / ratio);
  let [best, bestError] = [{ long: step, short: step }, Number.POSITIVE_INFINITY];
  // A few steps below the ideal edge one often finds a pair of the exact ratio.
  for (let count = 0; count < 8; count += 1) {
    const edge = Math.floor(long / step) * step - count * step;
    const other = Math.round(edge / shape / step) * step;
    const isAllowed =
      edge * other <= sizes.max_pixels &&
      edge * other >= sizes.min_pixels &&
      edge <= other * sizes.max_ratio;
    // Each step away costs as much as half a per cent of the ratio.
    const error = Math.abs(edge / other / shape - 1) + count * 0.005;
    if (isAllowed && error < bestError) [best, bestError] = [{ long: edge, short: other }, error];
  }
  return ratio >= 1
    ? { width: best.long, height: best.short }
    : { width: best.short, height: best.long };
}

/** The preset that a size is; null for `auto` and for sizes of one's own. */
export function presetOf(
  size: string,
  sizes: ImageModel['sizes'],
): { ratio: Ratio; scale: Scale } | null {
  for (const ratio of ratios)
    for (const scale of scales)
      if (presetSize(ratio, scale, sizes) === size) return { ratio, scale };
  return null;
}

/** Whether one of two sizes is a whole multiple of the other, so that they can be laid together. */
export function fitsWhole(one: Size, other: Size): boolean {
  const [larger, smaller] = one.width >= other.width ? [one, other] : [other, one];
  const times = larger.width / smaller.width;
  return Number.isInteger(times) && larger.height === smaller.height * times;
}

/** The scale that is nearest to a size, by its pixels. */
export function nearestScale({ width, height }: Size): Scale {
  const edge = Math.sqrt(width * height);
  return edge < 1500 ? '1K' : edge < 2500 ? '2K' : '4K';
}

/** Width divided by height. */
export function valueOf(ratio: Ratio): number {
  const [width = 1, height = 1] = ratio.split(':').map(Number);
  return width / height;
}
