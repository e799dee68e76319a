/** Sharp mountains under northern lights, each with a lit and a shaded flank and snow on top. */
import { round } from '../rounding.ts';
import { buildSky, buildStars, type Canvas } from './canvas.ts';

const ranges = 4;

export function drawPeaks(canvas: Canvas): string {
  const { height, width, unit, random, palette } = canvas;
  let picture =
    buildSky(canvas, height) + buildStars(canvas, height * 0.5, 110) + drawLights(canvas);
  for (let range = 0; range < ranges; range++) {
    const depth = range / (ranges - 1);
    const foot = height * (0.62 + 0.34 * depth);
    const tall = unit * (0.36 - 0.16 * depth);
    for (let x = -tall * random.next(); x < width + tall; x += tall * random.between(0.7, 1.15)) {
      picture += drawPeak(canvas, x, foot, tall * random.between(0.65, 1.1), depth);
    }
    // Draw the mist between this range and the next.
    picture +=
      `<linearGradient id="mist${range}" x1="0" y1="0" x2="0" y2="1"><stop` +
      ` offset="0" stop-color="${palette.layer(depth)}" stop-opacity="0"/>` +
      `<stop offset="1" stop-color="${palette.layer(Math.max(0, depth - 0.2))}"/>` +
      `</linearGradient>` +
      `<rect y="${round(foot - tall * 0.5)}" width="${width}"` +
      ` height="${round(tall * 0.5)}" fill="url(#mist${range})"/>` +
      `<rect y="${round(foot - 1)}" width="${width}" ` +
      `height="${round(Math.max(0, height - foot) + 1)}" ` +
      `fill="${palette.layer(Math.max(0, depth - 0.2))}"/>`;
  }
  return picture;
}

function drawPeak(
  { random, palette }: Canvas,
  x: number,
  foot: number,
  tall: number,
  depth: number,
): string {
  const half = tall * random.between(0.62, 0.8);
  const lean = tall * random.between(-0.08, 0.08);
  const top = foot - tall;
  const point = (dx: number, share: number) => `${round(x + dx)} ${round(foot - tall * share)}`;
  const snow = random.between(0.66, 0.76);
  const edge = (side: number) => side * half * (1 - snow) + lean * snow;
  return (
    `<path d="M${point(-half, 0)}L${round(x + lean)}` +
    ` ${round(top)}L${point(half, 0)}Z" fill="${palette.layer(depth * 0.8)}"/>` +
    `<path d="M${round(x + lean)}` +
    ` ${round(top)}L${point(half, 0)}H${round(x - half * 0.1)}` +
    `L${point(half * 0.12, 0.4)}L${point(-half * 0.03, 0.7)}Z"` +
    ` fill="${palette.layer(depth * 0.8 + 0.2)}"/>` +
    `<path d="M${round(x + lean)}` +
    ` ${round(top)}L${point(edge(-1), snow)}L${point(edge(-0.4), snow + 0.05)}` +
    `L${point(edge(0), snow - 0.04)}` +
    `L${point(edge(0.4), snow + 0.06)}L${point(edge(1), snow)}Z" fill="${palette.light}" ` +
    `fill-opacity="${round(0.95 - depth * 0.3)}"/>`
  );
}

function drawLights({ width, height, unit, random, palette }: Canvas): string {
  let lights = '';
  for (let band = 0; band < 3; band++) {
    const colour = band === 1 ? palette.accent : palette.sky[2];
    const base = height * (0.3 + 0.07 * band);
    const phase = random.between(0, 6.3);
    const rate = random.between(1.1, 2.2) * 2 * Math.PI;
    let upper = '';
    let lower = '';
    for (let step = 0; step <= 40; step++) {
      const x = (width * step) / 40;
      const y = base + unit * 0.06 * Math.sin((step / 40) * rate + phase);
      const tall = unit * (0.2 + 0.07 * Math.sin((step / 40) * rate * 1.7 + phase * 2));
      upper += `L${round(x)} ${round(y - tall)}`;
      lower = `L${round(x)} ${round(y)}${lower}`;
    }
    lights +=
      `<linearGradient id="aurora${band}" x1="0" y1="0" x2="0" y2="1"><stop` +
      ` offset="0" stop-color="${colour}" stop-opacity="0"/>` +
      `<stop offset=".8" stop-color="${colour}" stop-opacity=".5"/><stop offset="1"` +
      ` stop-color="${colour}" stop-opacity="0"/></linearGradient>` +
      `<path d="M${upper.slice(1)}${lower}Z" fill="url(#aurora${band})"/>`;
  }
  return lights;
}
