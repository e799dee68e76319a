/** The canvas that every motif draws on, and the shapes that several motifs use. */
import type { Random } from '../../random.ts';
import type { Palette } from '../palette.ts';
import { round } from '../rounding.ts';

export interface Canvas {
  width: number;
  height: number;
  /** Length of the short edge in pixels. Shapes that must not be stretched are sized by it. */
  unit: number;
  random: Random;
  palette: Palette;
}

/**
 * SVG elements that fill the whole canvas. See-through shapes use fill-opacity and stroke-opacity:
 * plain opacity costs the renderer a surface of the whole canvas for each element (measured: four
 * times the time, forty at 3840x2160).
 */
export type Motif = (canvas: Canvas) => string;

/** A sky from top to `bottom`, in the palette's three tones. */
export function buildSky({ width, palette }: Canvas, bottom: number): string {
  const [top, middle, horizon] = palette.sky;
  return (
    `<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/>` +
    `<stop offset=".55" stop-color="${middle}"/><stop offset="1"` +
    ` stop-color="${horizon}"/></linearGradient>` +
    `<rect width="${width}" height="${round(bottom)}" fill="url(#sky)"/>`
  );
}

/** A sun or a moon with its glow. */
export function buildLight({ palette }: Canvas, x: number, y: number, radius: number): string {
  const centre = `cx="${round(x)}" cy="${round(y)}"`;
  return (
    `<radialGradient id="glow"><stop offset="0" stop-color="${palette.light}"` +
    ` stop-opacity=".75"/>` +
    `<stop offset=".35" stop-color="${palette.light}" stop-opacity=".28"/>` +
    `<stop offset="1" stop-color="${palette.light}" stop-opacity="0"/></radialGradient>` +
    `<circle ${centre} r="${round(radius * 4)}" fill="url(#glow)"/>` +
    `<circle ${centre} r="${round(radius)}" fill="${palette.light}"/>`
  );
}

export function buildStars(
  { width, unit, random, palette }: Canvas,
  bottom: number,
  count: number,
): string {
  let stars = '';
  for (let index = 0; index < count; index++) {
    const radius = unit * random.between(0.0006, 0.0022);
    const y = random.next() ** 1.4 * bottom;
    stars +=
      `<circle cx="${round(random.next() * width)}" cy="${round(y)}"` +
      ` r="${round(radius * 10) / 10}"` +
      ` fill-opacity="${round(random.between(0.35, 1))}"/>`;
  }
  return `<g fill="${palette.light}">${stars}</g>`;
}

/**
 * A rolling line from the left edge to the right one, as points; three waves of falling size on a
 * base line.
 * `swell` is the height of the largest wave and `length` its length, both in pixels.
 */
export function buildRidge(
  canvas: Canvas,
  baseline: number,
  swell: number,
  length: number,
): (x: number) => number {
  const { random } = canvas;
  const waves = [1, 0.45, 0.18].map((share, index) => ({
    size: swell * share,
    rate: (2 * Math.PI * (1 + index * random.between(0.9, 1.6))) / length,
    phase: random.between(0, 2 * Math.PI),
  }));
  return (x) =>
    waves.reduce((y, wave) => y + wave.size * Math.sin(x * wave.rate + wave.phase), baseline);
}

/** The area below a line, down to `bottom`. */
export function buildGround(
  { width, unit }: Canvas,
  line: (x: number) => number,
  bottom: number,
): string {
  const step = unit / 64;
  let path = `M0 ${round(bottom)}V${round(line(0))}`;
  for (let x = step; x < width + step; x += step)
    path += `L${round(Math.min(x, width))} ${round(line(Math.min(x, width)))}`;
  return `${path}V${round(bottom)}Z`;
}
