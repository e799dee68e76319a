/**
 * How far the colours of two pictures differ in a ring: the pictures are averaged in small cells,
 * so that texture that the model drew anew does not count, and the mean ΔE of the cells is that of
 * CIE 1976 (the distance in Lab, D65).
 */
import { unitsPerPixel } from './distance-map.ts';

/** Edge of a cell in pixels. */
const cell = 16;
/** Transparent pixels are compared on this grey. */
const ground = 128;
/** Sums of a cell: three channels of each picture, and the number of pixels. */
const sums = 7;

/**
 * @param one RGBA, 8 bits
 * @param other the same size
 * @param distances of each pixel from the mask, in thirds of a pixel
 * @param ring in pixels from the mask
 * @returns the mean ΔE; null: no pixel is in the ring
 */
export function measureDrift(
  one: Uint8Array,
  other: Uint8Array,
  distances: Uint16Array,
  width: number,
  ring: { from: number; to: number },
): number | null {
  const columns = Math.ceil(width / cell);
  const cells = new Float64Array(columns * Math.ceil(distances.length / width / cell) * sums);
  const [from, to] = [ring.from * unitsPerPixel, ring.to * unitsPerPixel];
  for (let at = 0; at < distances.length; at += 1) {
    const distance = distances[at] ?? 0;
    if (distance < from || distance > to) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    const base = (Math.floor(y / cell) * columns + Math.floor(x / cell)) * sums;
    for (let channel = 0; channel < 3; channel += 1) {
      add(cells, base + channel, onGround(one, at * 4, channel));
      add(cells, base + 3 + channel, onGround(other, at * 4, channel));
    }
    add(cells, base + 6, 1);
  }
  let [pixels, difference] = [0, 0];
  for (let base = 0; base < cells.length; base += sums) {
    const count = cells[base + 6] ?? 0;
    if (count === 0) continue;
    const mean = (offset: number): [number, number, number] => [
      (cells[base + offset] ?? 0) / count,
      (cells[base + offset + 1] ?? 0) / count,
      (cells[base + offset + 2] ?? 0) / count,
    ];
    difference += deltaE(mean(0), mean(3)) * count;
    pixels += count;
  }
  return pixels === 0 ? null : difference / pixels;
}

function add(cells: Float64Array, at: number, value: number): void {
  cells[at] = (cells[at] ?? 0) + value;
}

function onGround(pixels: Uint8Array, at: number, channel: number): number {
  const alpha = (pixels[at + 3] ?? 0) / 255;
  return (pixels[at + channel] ?? 0) * alpha + ground * (1 - alpha);
}

type Colour = readonly [number, number, number];

/** CIE 1976. @param one sRGB, each channel from 0 to 255 */
export function deltaE(one: Colour, other: Colour): number {
  const [first, second] = [toLab(one), toLab(other)];
  return Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}

function toLab(colour: Colour): Colour {
  const [red, green, blue] = colour.map(toLinear) as [number, number, number];
  // IEC 61966-2-1, divided by the white of D65.
  const x = toCubeRoot((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = toCubeRoot(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = toCubeRoot((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function toLinear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function toCubeRoot(value: number): number {
  return value > 216 / 24_389 ? Math.cbrt(value) : (24_389 / 27 / 116) * value + 16 / 116;
}
