/** Parses a size such as `1536x1024`. `size-rules.ts` says whether a model takes it. */

export type ImageSize = { width: number; height: number };

/** Width and height in pixels; null for `auto` and for text that is not a size. */
export function readImageSize(size: string): ImageSize | null {
  const [, width, height] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(size) ?? [];
  if (width === undefined || height === undefined) return null;
  return { width: Number(width), height: Number(height) };
}
