/** A banded planet with a ring, its moons on their paths, and a field of stars. */
import { oklch } from '../palette.ts';
import { round } from '../rounding.ts';
import { buildStars, type Canvas } from './canvas.ts';

export function drawOrbit(canvas: Canvas): string {
  const { width, height, unit, random, palette } = canvas;
  const x = width * random.between(0.42, 0.58);
  const y = height * 0.42;
  const radius = unit * random.between(0.17, 0.23);
  const tilt = round(random.between(-28, 28));
  const glow =
    `<radialGradient id="space" cx="${round(x)}" cy="${round(y)}"` +
    ` r="${round(Math.max(width, height) * 0.75)}" gradientUnits="userSpaceOnUse">`;
  return (
    `${glow}<stop offset="0" stop-color="${palette.layer(0.75)}"/><stop` +
    ` offset=".55" stop-color="${palette.ink}"/>` +
    `<stop offset="1" stop-color="${oklch(0.1, 0.02, 270)}"/></radialGradient>` +
    `<rect width="${width}" height="${height}" fill="url(#space)"/>` +
    buildStars(canvas, height, 240) +
    `<g transform="rotate(${tilt} ${round(x)} ` +
    `${round(y)})">${drawPaths(canvas, x, y, radius)}${drawPlanet(canvas, x, y, radius)}</g>`
  );
}

function drawPlanet({ random, palette }: Canvas, x: number, y: number, radius: number): string {
  const at = `cx="${round(x)}" cy="${round(y)}"`;
  const outer = `rx="${round(radius * 1.75)}" ry="${round(radius * 0.44)}"`;
  let bands = '';
  for (let top = -radius; top < radius;) {
    const tall = radius * random.between(0.08, 0.3);
    bands +=
      `<rect x="${round(x - radius)}" y="${round(y + top)}"` +
      ` width="${round(radius * 2)}" height="${round(tall + 1)}"` +
      ` fill="${palette.member(random.whole(0, 3))}"/>`;
    top += tall;
  }
  const ring =
    `<ellipse ${at} ${outer} fill="none" stroke="${palette.light}"` +
    ` stroke-width="${round(radius * 0.17)}" stroke-opacity=".85"/>`;
  const gap =
    `<ellipse ${at} ${outer} fill="none" stroke="${palette.ink}"` +
    ` stroke-width="${round(radius * 0.03)}" stroke-opacity=".8"/>`;
  return (
    `<clipPath id="planet"><circle ${at} r="${round(radius)}"/></clipPath>` +
    // The ring passes behind the planet above its middle and before it below.
    `<clipPath id="front"><rect x="${round(x - radius * 3)}" y="${round(y)}"` +
    ` width="${round(radius * 6)}" height="${round(radius * 2)}"/></clipPath>` +
    `<radialGradient id="shade" cx=".3" cy=".28" r=".85"><stop offset=".3"` +
    ` stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000"` +
    ` stop-opacity=".72"/></radialGradient>` +
    `${ring}${gap}<g clip-path="url(#planet)">${bands}</g><circle ${at}` +
    ` r="${round(radius)}" fill="url(#shade)"/>` +
    `<g clip-path="url(#front)">${ring}${gap}</g>`
  );
}

function drawPaths({ random, palette }: Canvas, x: number, y: number, radius: number): string {
  let paths = '';
  for (let index = 0; index < 4; index++) {
    const rx = radius * (2.3 + index * 0.75);
    const ry = rx * 0.36;
    const angle = random.between(0, 2 * Math.PI);
    const moonX = round(x + rx * Math.cos(angle));
    const moonY = round(y + ry * Math.sin(angle));
    const size = radius * random.between(0.06, 0.15);
    paths +=
      `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${round(rx)}"` +
      ` ry="${round(ry)}" fill="none" stroke="${palette.light}"` +
      ` stroke-width="${round(radius * 0.008)}" stroke-opacity=".35"/>` +
      `<circle cx="${moonX}" cy="${moonY}" r="${round(size)}" fill="${palette.member(index)}"/>` +
      `<circle cx="${round(moonX + size * 0.3)}" cy="${round(moonY + size * 0.25)}" ` +
      `r="${round(size * 0.72)}" fill="#000" fill-opacity=".16"/>`;
  }
  return paths;
}
