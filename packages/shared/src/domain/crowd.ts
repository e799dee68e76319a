/**
 * How many jobs stand in a queue and what they weigh together (`quota.ts`), and how fast a pool
 * gets through them.
 */
import type { StartWeight } from './quota.ts';

export interface Crowd {
  jobs: number;
  images: number;
  /** The sum of the squares of their images: tells whether all ask for the same number. */
  imageSquares: number;
  tokens: number;
}

export const noCrowd: Crowd = { jobs: 0, images: 0, imageSquares: 0, tokens: 0 };

export function crowdOfJob({ images, tokens }: StartWeight): Crowd {
  return { jobs: 1, images, imageSquares: images * images, tokens };
}

export function addCrowds(crowds: readonly Crowd[]): Crowd {
  return crowds.reduce((sum, crowd) => combine(sum, crowd, 1), noCrowd);
}

export function subtractCrowd(crowd: Crowd, less: Crowd): Crowd {
  return combine(crowd, less, -1);
}

/** The jobs before the last one, which is taken for an average one. */
export function withoutLast(crowd: Crowd): Crowd {
  const share = crowd.jobs === 0 ? 0 : (crowd.jobs - 1) / crowd.jobs;
  return {
    jobs: Math.max(0, crowd.jobs - 1),
    images: crowd.images * share,
    imageSquares: crowd.imageSquares * share,
    tokens: crowd.tokens * share,
  };
}

function combine(one: Crowd, other: Crowd, sign: 1 | -1): Crowd {
  return {
    jobs: one.jobs + sign * other.jobs,
    images: one.images + sign * other.images,
    imageSquares: one.imageSquares + sign * other.imageSquares,
    tokens: one.tokens + sign * other.tokens,
  };
}

/** The meters of a pool, at its present pace; null: not counted. */
export interface MeterSpacing {
  /** The time between the starts of two jobs, whatever they weigh. */
  spacingMs: number;
  imageMs: number | null;
  tokenMs: number | null;
  /** The images of a minute. */
  ipm: number | null;
}

/** The mean time between two starts of a pool that serves such a crowd. */
export function spacingAmong(meters: MeterSpacing, crowd: Crowd): number {
  if (crowd.jobs === 0) return meters.spacingMs;
  const images = crowd.images / crowd.jobs;
  const tokens = crowd.tokens / crowd.jobs;
  return Math.max(
    meters.spacingMs,
    images * (meters.imageMs ?? 0) * imageLoss(meters, crowd),
    tokens * (meters.tokenMs ?? 0),
  );
}

/** The share of the residue that a minute leaves over on average, as simulated. */
const residueShare = 0.75;

/**
 * How much longer a pool takes because its minutes are not divisible: five images a minute hold two
 * jobs of two, not two and a half. With different jobs, a minute ends with less room than the next
 * one needs.
 */
function imageLoss({ ipm }: MeterSpacing, { jobs, images, imageSquares }: Crowd): number {
  if (ipm === null || images === 0) return 1;
  const mean = images / jobs;
  const isUniform = Math.abs(imageSquares / jobs - mean * mean) < 1e-6;
  const used = isUniform
    ? Math.floor(ipm / mean + 1e-9) * mean
    : ipm - residueShare * (imageSquares / images - 1);
  return ipm / Math.max(used, Math.min(mean, ipm));
}
