/** Layers of hills in the mist, a low sun, a few birds and the trees of the nearest ridge. */
import { round } from '../rounding.ts';
import { buildGround, buildLight, buildRidge, buildSky, type Canvas } from './canvas.ts';

const layers = 6;

export function drawHills(canvas: Canvas): string {
  const { width, height, unit, random, palette } = canvas;
  const sunX = width * random.between(0.2, 0.8);
  let picture =
    buildSky(canvas, height) +
    buildLight(
      canvas,
      sunX,
      height * random.between(0.2, 0.36),
      unit * random.between(0.05, 0.085),
    );
  picture += drawBirds(canvas, sunX);
  for (let index = 0; index < layers; index++) {
    const depth = index / (layers - 1);
    const baseline = height * (0.46 + 0.4 * depth ** 1.15);
    const ridge = buildRidge(
      canvas,
      baseline,
      unit * (0.035 + 0.02 * (1 - depth)),
      unit * random.between(0.7, 1.3),
    );
    if (index >= 3) picture += drawTrees(canvas, ridge, depth);
    picture +=
      `<linearGradient id="hill${index}" x1="0" y1="0" x2="0" y2="1"><stop` +
      ` offset="0" stop-color="${palette.layer(depth)}"/>` +
      `<stop offset="1" stop-color="${palette.layer(Math.max(0, depth - 0.25))}"/>` +
      `</linearGradient>` +
      `<path d="${buildGround(canvas, ridge, height)}" fill="url(#hill${index})"/>`;
  }
  return picture;
}

function drawTrees(
  { width, unit, random, palette }: Canvas,
  ridge: (x: number) => number,
  depth: number,
): string {
  let trees = '';
  const size = unit * (0.018 + 0.045 * (depth - 0.5));
  for (let x = random.between(0, size * 4); x < width; x += size * random.between(0.5, 4)) {
    const tall = size * random.between(0.8, 1.6);
    const half = tall * 0.24;
    const foot = ridge(x) + size * 0.3;
    trees +=
      `M${round(x - half)} ${round(foot)}L${round(x)}` +
      ` ${round(foot - tall)}L${round(x + half)} ${round(foot)}Z`;
  }
  return `<path d="${trees}" fill="${palette.layer(depth)}"/>`;
}

function drawBirds({ width, height, unit, random, palette }: Canvas, sunX: number): string {
  const side = sunX < width / 2 ? 0.62 : 0.2;
  let birds = '';
  for (let index = 0; index < 5; index++) {
    const x = width * (side + random.between(0, 0.2));
    const y = height * random.between(0.14, 0.3);
    const wing = unit * random.between(0.009, 0.017);
    birds +=
      `M${round(x - wing)} ${round(y - wing * 0.3)}Q${round(x - wing * 0.4)}` +
      ` ${round(y - wing * 0.7)} ${round(x)} ${round(y)}` +
      `Q${round(x + wing * 0.4)} ${round(y - wing * 0.7)} ${round(x + wing)} ` +
      `${round(y - wing * 0.3)}`;
  }
  return (
    `<path d="${birds}" fill="none" stroke="${palette.layer(0.9)}"` +
    ` stroke-width="${round(unit * 0.0028)}" stroke-linecap="round"/>`
  );
}
