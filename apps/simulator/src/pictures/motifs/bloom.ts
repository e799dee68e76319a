/**
 * Draws flowers seen from above, one large and some small, on a soft background. Each has rings of
 * petals around its centre.
 */
import { round } from '../rounding.ts';
import type { Canvas } from './canvas.ts';

export function drawBloom(canvas: Canvas): string {
  const { width, height, unit, random, palette } = canvas;
  const [top, middle, horizon] = palette.sky;
  let picture =
    `<radialGradient id="ground" cx=".5" cy=".42" r=".8"><stop offset="0"` +
    ` stop-color="${horizon}"/><stop offset=".5" stop-color="${middle}"/>` +
    `<stop offset="1" stop-color="${top}"/></radialGradient><rect width="${width}" ` +
    `height="${height}" fill="url(#ground)"/>`;
  const small = Math.round((9 * Math.max(width, height)) / unit);
  for (let index = 0; index < small; index++) {
    const radius = unit * random.between(0.05, 0.13);
    picture += drawFlower(canvas, width * random.next(), height * random.next(), radius);
  }
  return (
    picture + drawFlower(canvas, width * random.between(0.42, 0.58), height * 0.42, unit * 0.36)
  );
}

function drawFlower({ random, palette }: Canvas, x: number, y: number, radius: number): string {
  const petals = random.whole(7, 13);
  const rings = random.whole(3, 4);
  const first = random.whole(0, 4);
  const blunt = random.between(0.3, 0.55);
  let flower = '';
  for (let ring = 0; ring < rings; ring++) {
    const long = radius * (1 - ring / (rings + 0.6));
    const half = ((Math.PI * long) / petals) * 0.92;
    const colour = palette.member(first + ring);
    const petal =
      `M0 0C${round(half * 1.25)} ${round(-long * blunt)} ${round(half * 0.85)}` +
      ` ${round(-long)} 0 ${round(-long)}C${round(-half * 0.85)} ${round(-long)}` +
      ` ${round(-half * 1.25)} ${round(-long * blunt)} 0 0Z`;
    for (let index = 0; index < petals; index++) {
      const angle = round((360 / petals) * (index + (ring % 2) / 2));
      flower +=
        `<path d="${petal}" transform="rotate(${angle})" fill="${colour}"` +
        ` stroke="${palette.ink}" stroke-opacity=".14"` +
        ` stroke-width="${round(radius * 0.008)}"/>`;
    }
  }
  flower += `<circle r="${round(radius * 0.15)}" fill="${palette.light}"/>`;
  for (let index = 0; index < 24; index++) {
    // Turn each seed by the golden angle, as in a sunflower.
    const angle = index * 2.39996;
    const way = radius * 0.027 * Math.sqrt(index);
    flower +=
      `<circle cx="${round(way * Math.cos(angle))}"` +
      ` cy="${round(way * Math.sin(angle))}" r="${round(radius * 0.009)}"` +
      ` fill="${palette.ink}"/>`;
  }
  return (
    `<g transform="translate(${round(x)} ${round(y)})` +
    ` rotate(${round(random.between(0, 60))})">${flower}</g>`
  );
}
