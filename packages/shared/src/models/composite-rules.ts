/**
 * Rules of `composite: "outside_mask"`: the original is laid back outside the mask of an edit. The
 * numbers are choices, explained in docs/adr/0026-composites.md.
 */

/** Why an edit has no composite. Each is explained in docs/errors.md. */
export const compositeSkipCodes = [
  'no_mask',
  'size_mismatch',
  'colour_drift',
  'nothing_outside',
  'nothing_inside',
  'picture_unsupported',
  'source_missing',
  'composite_failed',
] as const;

export type CompositeSkipCode = (typeof compositeSkipCodes)[number];

export interface CompositeSkip {
  status: 'skipped';
  code: CompositeSkipCode;
  /** A sentence for people. */
  message: string;
}

export function skip(code: CompositeSkipCode, message: string): CompositeSkip {
  return { status: 'skipped', code, message };
}

/** A larger result is not composed: it would be held in memory four times. */
export const maxCompositePixels = 16_777_216;

/** The most that the original is enlarged or reduced. */
const maxRatio = 16;

/** How the original is resized to the result: 2 doubles its edges, 1/2 halves them. */
export interface WholeRatio {
  enlargedBy: number;
  reducedBy: number;
}

/** The whole ratio by which `from` becomes `to`; null: there is none. */
export function findWholeRatio(
  from: { width: number; height: number },
  to: { width: number; height: number },
): WholeRatio | null {
  const enlargedBy = to.width / from.width;
  if (isRatio(enlargedBy) && from.height * enlargedBy === to.height)
    return { enlargedBy, reducedBy: 1 };
  const reducedBy = from.width / to.width;
  if (isRatio(reducedBy) && to.height * reducedBy === from.height)
    return { enlargedBy: 1, reducedBy };
  return null;
}

function isRatio(ratio: number): boolean {
  return Number.isInteger(ratio) && ratio >= 1 && ratio <= maxRatio;
}

/** Pixels inside the mask over which the result fades in: 8 where the shorter edge has 1,024. */
export function featherOf({ width, height }: { width: number; height: number }): number {
  return Math.min(32, Math.max(2, Math.round(Math.min(width, height) / 128)));
}

/** The ring outside the mask whose colours are compared, in pixels from the mask. */
export function ringOf({ width, height }: { width: number; height: number }): {
  from: number;
  to: number;
} {
  const wide = Math.min(96, Math.max(8, Math.round(Math.min(width, height) / 32)));
  return { from: 2, to: 2 + wide };
}

/** The mean ΔE (CIE 1976) of the ring beyond which no composite is made: the seam would show. */
export const maxColourDrift = 8;
