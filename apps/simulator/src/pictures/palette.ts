/**
 * Harmonious colours for one picture, chosen in OKLCH, where equal steps look equal, and written as
 * sRGB hex.
 */
import type { Random } from '../random.ts';

export interface Palette {
  /** Top, middle and horizon of the sky. */
  sky: readonly [string, string, string];
  /** Colour of the light: sun, moon, stars. */
  light: string;
  /** A strong contrast, used sparingly. */
  accent: string;
  /** Background of captions. */
  ink: string;
  /** Shade of the land: 0 is the farthest and palest, 1 the nearest and deepest. */
  layer(depth: number): string;
  /** One of five matching hues, by index. */
  member(index: number): string;
}

type Mood = 'dawn' | 'day' | 'dusk' | 'night';

const lightness: Record<
  Mood,
  readonly [top: number, middle: number, horizon: number, far: number, near: number]
> = {
  dawn: [0.62, 0.78, 0.91, 0.72, 0.3],
  day: [0.72, 0.85, 0.95, 0.76, 0.34],
  dusk: [0.36, 0.56, 0.8, 0.56, 0.2],
  night: [0.17, 0.27, 0.45, 0.42, 0.14],
};

export function buildPalette(random: Random): Palette {
  const mood = random.pick<Mood>(['dawn', 'day', 'dusk', 'dusk', 'night']);
  const hue = random.between(0, 360);
  // Neighbouring hues for the sky, roughly the opposite hue for contrast.
  const drift = random.pick([-70, -45, 45, 70]);
  const opposite = hue + 180 + random.between(-35, 35);
  const [top, middle, horizon, far, near] = lightness[mood];
  const member = (index: number) => {
    const step = ((index % 5) + 5) % 5;
    return oklch(
      [0.9, 0.74, 0.62, 0.48, 0.32][step] ?? 0.6,
      [0.05, 0.12, 0.15, 0.13, 0.07][step] ?? 0.1,
      [hue + drift, opposite, hue + drift, hue, hue][step] ?? hue,
    );
  };
  return {
    sky: [
      oklch(top, 0.1, hue),
      oklch(middle, 0.11, hue + drift * 0.5),
      oklch(horizon, 0.1, hue + drift),
    ],
    light: oklch(mood === 'night' ? 0.95 : 0.93, 0.07, hue + drift * 1.3),
    accent: oklch(0.7, 0.17, opposite),
    ink: oklch(0.16, 0.03, hue),
    layer: (depth) =>
      oklch(far + (near - far) * depth, 0.085 + 0.03 * depth, hue + drift * (0.7 - 0.9 * depth)),
    member,
  };
}

/**
 * Converts OKLCH to sRGB hex. Colours outside the gamut lose chroma until they fit.
 * Source of the matrices: Björn Ottosson, "A perceptual color space for image processing".
 */
export function oklch(lightnessValue: number, chroma: number, hueDegrees: number): string {
  const angle = (hueDegrees * Math.PI) / 180;
  for (let c = chroma; ; c *= 0.9) {
    const rgb = toLinear(lightnessValue, c * Math.cos(angle), c * Math.sin(angle));
    if (c < 0.005 || rgb.every((value) => value >= -0.001 && value <= 1.001))
      return `#${rgb.map(toHex).join('')}`;
  }
}

function toLinear(lightnessValue: number, a: number, b: number): [number, number, number] {
  const l = (lightnessValue + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightnessValue - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightnessValue - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function toHex(linear: number): string {
  const clamped = Math.min(1, Math.max(0, linear));
  const encoded = clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255)
    .toString(16)
    .padStart(2, '0');
}
