/**
 * Estimates the input tokens of the source pictures of an edit. Models before gpt-image-2 count
 * tiles, as published for gpt-image-1. gpt-image-2 and later count patches of 32 pixels, as
 * measured. What was billed corrects the count (`learnt-tokens.ts`).
 */
import type { JobRequest } from '../../schemas/job-request.ts';
import type { ModelFacts } from '../model-table.ts';
import { sourceTokens } from '../model-table.ts';

/** The size of a picture as displayed. */
export type PictureSize = { width: number; height: number };

export type Fidelity = 'low' | 'high';

/** A picture whose size is not known counts like this one. */
const assumedSize: PictureSize = { width: 1536, height: 1024 };

/**
 * A model without `input_fidelity` always processes pictures in high fidelity; other models do so
 * only when asked.
 */
export function fidelityOf(
  model: ModelFacts | null,
  asked: JobRequest['input_fidelity'],
): Fidelity {
  if (asked !== undefined) return asked;
  return model?.inputFidelity.length === 0 ? 'high' : 'low';
}

export function countSourceTokens(
  model: ModelFacts | null,
  fidelity: Fidelity,
  { width, height }: PictureSize = assumedSize,
): number {
  if (model?.sourceTokens === 'patches')
    return Math.ceil(width / sourceTokens.patch) * Math.ceil(height / sourceTokens.patch);
  const tiles = Math.ceil(Math.max(width, height) / Math.min(width, height));
  const whole = width === height ? sourceTokens.high_square : sourceTokens.high_oblong;
  return sourceTokens.base + sourceTokens.tile * tiles + (fidelity === 'high' ? whole : 0);
}
