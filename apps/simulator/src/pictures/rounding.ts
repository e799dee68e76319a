/** Rounds to a tenth of a pixel, which is precise enough and keeps the document small. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
