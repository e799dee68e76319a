/** A wall of geometric tiles: quarter circles, halves, leaves and stripes in five colours. */
import { round } from '../rounding.ts';
import type { Canvas } from './canvas.ts';

type Tile = (size: number, front: string, second: string) => string;

/** Each fills the square from 0,0 to size,size, on a ground that is already painted. */
const tiles: readonly [Tile, ...Tile[]] = [
  (s, front) => `<path d="M0 0H${s}A${s} ${s} 0 0 1 0 ${s}Z" fill="${front}"/>`,
  (s, front, second) =>
    `<path d="M0 0H${s}A${s} ${s} 0 0 1 0 ${s}Z" fill="${front}"/><path d="M0 ` +
    `0H${s / 2}A${s / 2} ${s / 2} 0 0 1 0 ${s / 2}Z" fill="${second}"/>`,
  (s, front) =>
    `<path d="M0 ${s / 2}A${s / 2} ${s / 2} 0 0 1 ${s} ${s / 2}Z" fill="${front}"/><path d="M0 ` +
    `${s}A${s / 2} ${s / 2} 0 0 1 ${s} ${s}Z" fill="${front}"/>`,
  (s, front, second) =>
    `<circle cx="${s / 2}" cy="${s / 2}" r="${s * 0.38}" fill="${front}"/><circle ` +
    `cx="${s / 2}" cy="${s / 2}" r="${s * 0.16}" fill="${second}"/>`,
  (s, front) => `<path d="M0 0A${s} ${s} 0 0 1 ${s} ${s}A${s} ${s} 0 0 1 0 0Z" fill="${front}"/>`,
  (s, front) => `<path d="M0 0H${s}L0 ${s}Z" fill="${front}"/>`,
  (s, front) =>
    [0, 2, 4]
      .map((k) => `<rect y="${(s * k) / 5}" width="${s}" height="${s / 5}" fill="${front}"/>`)
      .join(''),
  (s, front, second) =>
    `<rect width="${s / 2}" height="${s / 2}" fill="${front}"/><rect x="${s / 2}" y="${s / 2}" ` +
    `width="${s / 2}" height="${s / 2}" fill="${second}"/>`,
];

export function drawTiles(canvas: Canvas): string {
  const { width, height, unit, random, palette } = canvas;
  const size = Math.ceil(unit / random.whole(5, 7));
  // Centre the tiles: where they do not fit exactly, both edges cut the same part of a tile.
  const left = -((Math.ceil(width / size) * size - width) / 2);
  const top = -((Math.ceil(height / size) * size - height) / 2);
  let wall = `<rect width="${width}" height="${height}" fill="${palette.member(0)}"/>`;
  for (let y = top; y < height; y += size) {
    for (let x = left; x < width; x += size) {
      const ground = random.whole(0, 4);
      const front = ground + random.whole(1, 4);
      const second = front + random.whole(1, 3);
      const turn =
        `translate(${round(x)} ${round(y)}) rotate(${90 * random.whole(0, 3)}` +
        ` ${size / 2} ${size / 2})`;
      // Draw slightly more than the tile, so that no gap shows between neighbours.
      wall +=
        `<g transform="${turn}"><rect width="${size + 0.6}" height="${size + 0.6}"` +
        ` fill="${palette.member(ground)}"/>` +
        `${random.pick(tiles)(size, palette.member(front), palette.member(second))}</g>`;
    }
  }
  return wall;
}
