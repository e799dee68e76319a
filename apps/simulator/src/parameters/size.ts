/** Sizes as `WIDTHxHEIGHT`, and the rules of the models that accept any size. */
import type { ModelRules } from '../models.ts';
import { invalidValue, unsupportedValue, type Problem } from './problem.ts';

export interface Size {
  width: number;
  height: number;
}

const fixed = ['1024x1024', '1024x1536', '1536x1024', 'auto'];

/** The simulator always resolves `auto` to a square. */
const automatic: Size = { width: 1024, height: 1024 };

export function parseSize(text: string, rules: ModelRules): Size | Problem {
  if (text === 'auto') return automatic;
  const match = /^(\d{2,5})x(\d{2,5})$/.exec(text);
  if (match === null || (rules.sizes === 'fixed' && !fixed.includes(text)))
    return unsupportedValue('size', text, fixed);
  const size = { width: Number(match[1]), height: Number(match[2]) };
  const complaint = rules.sizes === 'free' ? findComplaint(size) : null;
  return complaint === null ? size : invalidValue('size', `Invalid size '${text}'. ${complaint}`);
}

function findComplaint({ width, height }: Size): string | null {
  const long = Math.max(width, height);
  const pixels = width * height;
  if (width % 16 !== 0 || height % 16 !== 0)
    return 'Width and height must both be divisible by 16.';
  if (long > 3 * Math.min(width, height)) return 'The aspect ratio must be between 1:3 and 3:1.';
  if (long > 3840) return 'The longest edge must be at most 3840 pixels.';
  if (pixels < 655_360) return 'The image must have at least 655360 pixels.';
  if (pixels > 8_294_400) return 'The image must have at most 8294400 pixels.';
  return null;
}
