/** Draws a town by the water: three rows of houses with lit windows, and a light behind them. */
import { round } from '../rounding.ts';
import { buildLight, buildSky, buildStars, type Canvas } from './canvas.ts';

export function drawSkyline(canvas: Canvas): string {
  const { width, height, unit, random, palette } = canvas;
  const shore = height * 0.72;
  let town = '';
  for (const depth of [0.15, 0.5, 0.95]) town += drawBlock(canvas, shore, depth);
  return (
    buildSky(canvas, shore + 1) +
    buildStars(canvas, height * 0.35, 50) +
    buildLight(
      canvas,
      width * random.between(0.25, 0.75),
      height * random.between(0.28, 0.4),
      unit * random.between(0.07, 0.11),
    ) +
    `<linearGradient id="river" x1="0" y1="0" x2="0" y2="1"><stop offset="0"` +
    ` stop-color="${palette.sky[2]}"/><stop offset="1"` +
    ` stop-color="${palette.layer(0.8)}"/></linearGradient>` +
    `<rect y="${round(shore)}" width="${width}" height="${round(height - shore)}"` +
    ` fill="url(#river)"/>` +
    `<g transform="translate(0 ${round(shore * 1.45)}) scale(1 -.45)"` +
    ` opacity=".35">${town}</g>${town}` +
    drawRipples(canvas, shore)
  );
}

function drawBlock({ width, unit, random, palette }: Canvas, shore: number, depth: number): string {
  const tallest = unit * (0.46 - 0.2 * depth);
  let houses = '';
  let windows = '';
  for (let x = -unit * 0.05 * random.next(); x < width;) {
    const wide = unit * random.between(0.045, 0.1);
    const tall = tallest * (0.35 + 0.65 * random.next() ** 1.5);
    const roof = drawRoof(random.whole(0, 4), x, shore - tall, wide, unit);
    houses += `M${round(x)} ${round(shore)}V${round(shore - tall)}${roof}V${round(shore)}Z`;
    const pane = unit * 0.0085;
    for (let wx = x + pane * 1.2; wx < x + wide - pane * 1.5; wx += pane * 1.9) {
      for (let wy = shore - tall + pane * 2; wy < shore - pane * 2; wy += pane * 2.4) {
        if (random.next() < 0.34)
          windows +=
            `M${round(wx)} ${round(wy)}h${round(pane * 0.9)}v${round(pane * 1.2)}` +
            `h${round(-pane * 0.9)}Z`;
      }
    }
    x += wide * random.between(0.92, 1.15);
  }
  return (
    `<path d="${houses}" fill="${palette.layer(depth)}"/><path d="${windows}"` +
    ` fill="${palette.light}" fill-opacity="${round(0.4 + depth * 0.5)}"/>`
  );
}

/** The outline from the left eave to the right one. */
function drawRoof(kind: number, x: number, y: number, wide: number, unit: number): string {
  const right = round(x + wide);
  const middle = round(x + wide / 2);
  if (kind === 0) return `L${middle} ${round(y - wide * 0.6)}L${right} ${round(y)}`;
  if (kind === 1) return `A${round(wide / 2)} ${round(wide / 2)} 0 0 1 ${right} ${round(y)}`;
  if (kind === 2)
    return (
      `H${round(middle - unit * 0.002)}V${round(y - wide * 0.9)}` +
      `h${round(unit * 0.004)}V${round(y)}H${right}`
    );
  if (kind === 3) return `L${right} ${round(y - wide * 0.35)}`;
  return `H${right}`;
}

function drawRipples({ width, height, unit, random, palette }: Canvas, shore: number): string {
  let ripples = '';
  for (let index = 0; index < 36; index++) {
    const half = unit * random.between(0.01, 0.06);
    const x = width * random.next();
    ripples +=
      `M${round(x - half)}` +
      ` ${round(shore + (height - shore) * (0.04 + 0.9 * random.next()))}h${round(half * 2)}`;
  }
  return (
    `<path d="${ripples}" stroke="${palette.sky[2]}"` +
    ` stroke-width="${round(unit * 0.0028)}" stroke-linecap="round"` +
    ` stroke-opacity=".45"/>`
  );
}
