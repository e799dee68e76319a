/** Draws a large moon on the horizon, its reflection on the water, waves and one sail. */
import { round } from '../rounding.ts';
import { buildGround, buildRidge, buildSky, buildStars, type Canvas } from './canvas.ts';

const waves = 7;

export function drawSea(canvas: Canvas): string {
  const { width, height, unit, random, palette } = canvas;
  const horizon = height * 0.5;
  const moonX = width * random.between(0.3, 0.7);
  const radius = unit * random.between(0.16, 0.22);
  let picture =
    buildSky(canvas, horizon + 1) +
    buildStars(canvas, horizon * 0.6, 60) +
    `<circle cx="${round(moonX)}" cy="${round(horizon - radius * 0.35)}"` +
    ` r="${round(radius * 1.5)}" fill="${palette.light}" fill-opacity=".16"/>` +
    `<circle cx="${round(moonX)}" cy="${round(horizon - radius * 0.35)}"` +
    ` r="${round(radius)}" fill="${palette.light}"/>` +
    `<linearGradient id="sea" x1="0" y1="0" x2="0" y2="1"><stop offset="0"` +
    ` stop-color="${palette.layer(0.25)}"/>` +
    `<stop offset="1" stop-color="${palette.layer(0.75)}"/></linearGradient>` +
    `<rect y="${round(horizon)}" width="${width}"` +
    ` height="${round(height - horizon)}" fill="url(#sea)"/>` +
    drawRoad(canvas, moonX, horizon, radius) +
    drawSail(canvas, moonX < width / 2 ? width * 0.76 : width * 0.24, horizon + height * 0.055);
  for (let index = 0; index < waves; index++) {
    const depth = index / (waves - 1);
    const baseline = horizon + height * (0.1 + 0.36 * depth ** 1.2);
    const crest = buildRidge(
      canvas,
      baseline,
      unit * (0.006 + 0.016 * depth),
      unit * (0.22 + 0.4 * depth),
    );
    picture +=
      `<path d="${buildGround(canvas, (x) => crest(x) - unit * 0.004, height)}"` +
      ` fill="${palette.light}" fill-opacity=".3"/>` +
      `<path d="${buildGround(canvas, crest, height)}" ` +
      `fill="${palette.layer(0.35 + 0.65 * depth)}"/>`;
  }
  return picture;
}

function drawRoad(
  { height, unit, random, palette }: Canvas,
  moonX: number,
  horizon: number,
  radius: number,
): string {
  let road = '';
  for (let step = 0; step < 26; step++) {
    const way = step / 26;
    const half = radius * (0.95 - 0.55 * way) * random.between(0.35, 1);
    const x = moonX + radius * random.between(-0.18, 0.18);
    const y = horizon + unit * 0.008 + height * 0.2 * way;
    road += `M${round(x - half)} ${round(y)}H${round(x + half)}`;
  }
  return (
    `<path d="${road}" stroke="${palette.light}"` +
    ` stroke-width="${round(unit * 0.0045)}" stroke-linecap="round"` +
    ` stroke-opacity=".7"/>`
  );
}

function drawSail({ unit, palette }: Canvas, x: number, y: number): string {
  const size = unit * 0.075;
  const at = (dx: number, dy: number) => `${round(x + dx * size)} ${round(y + dy * size)}`;
  return (
    `<path d="M${at(0.04, -1)}L${at(0.04, -0.08)}L${at(0.62, -0.08)}` +
    `Q${at(0.5, -0.62)} ${at(0.04, -1)}Z" fill="${palette.sky[2]}"/>` +
    `<path d="M${at(-0.04, -0.86)}L${at(-0.04, -0.08)}L${at(-0.46, -0.08)}Z"` +
    ` fill="${palette.accent}"/>` +
    '<path ' +
    `d="M${at(-0.56, 0)}H${round(x + 0.7 * size)}L${at(0.46, 0.2)}H${round(x - 0.36 * size)}Z" ` +
    `fill="${palette.ink}"/>`
  );
}
