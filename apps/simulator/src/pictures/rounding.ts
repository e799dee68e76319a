/** One decimal is a tenth of a pixel: enough, and it keeps the document small. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
