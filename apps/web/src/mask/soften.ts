/**
 * Softens the edge of a mask: three passes of a moving mean over rows and columns, which come close
 * to a Gaussian blur, in a time that does not grow with the radius.
 */
const passes = 3;

/**
 * @param alpha one byte a pixel, row by row; changed in place
 * @param radius pixels on either side that count; 0 changes nothing
 */
export function soften(alpha: Uint8Array, width: number, height: number, radius: number): void {
  // Each pass widens the edge by its own radius.
  const each = Math.round(radius / passes);
  if (each < 1) return;
  const line = new Uint8Array(Math.max(width, height));
  for (let pass = 0; pass < passes; pass += 1) {
    for (let y = 0; y < height; y += 1) meanOfLine(alpha, line, y * width, 1, width, each);
    for (let x = 0; x < width; x += 1) meanOfLine(alpha, line, x, width, height, each);
  }
}

/** Replaces each value by the mean of its neighbours; beyond its ends a line goes on unchanged. */
function meanOfLine(
  alpha: Uint8Array,
  line: Uint8Array,
  from: number,
  step: number,
  length: number,
  radius: number,
): void {
  for (let at = 0; at < length; at += 1) line[at] = alpha[from + at * step] ?? 0;
  const first = line[0] ?? 0;
  const last = line[length - 1] ?? 0;
  const span = 2 * radius + 1;
  let sum = first * radius;
  for (let at = 0; at <= radius; at += 1) sum += at < length ? (line[at] ?? 0) : last;
  for (let at = 0; at < length; at += 1) {
    alpha[from + at * step] = Math.round(sum / span);
    const leaving = at - radius < 0 ? first : (line[at - radius] ?? 0);
    const coming = at + radius + 1 < length ? (line[at + radius + 1] ?? 0) : last;
    sum += coming - leaving;
  }
}
