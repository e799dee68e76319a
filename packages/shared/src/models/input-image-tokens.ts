/**
 * Estimates the input tokens of a source picture. The providers do not publish how newer models
 * count them, so the estimate is the mean of what was billed so far, per model and fidelity, or the
 * figure of the model table before anything was billed.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import { findModel, inputImageTokens } from './model-table.ts';

export type Fidelity = keyof typeof inputImageTokens;

/** Mean tokens billed per picture so far, by `meanKey`. */
export type TokenMeans = ReadonlyMap<string, number>;

export function meanKey(model: string, fidelity: Fidelity): string {
  return `${fidelity} ${model}`;
}

/**
 * A model without `input_fidelity` always processes pictures in high fidelity; other models do so
 * only when asked.
 */
export function fidelityOf(model: string, asked: JobRequest['input_fidelity']): Fidelity {
  if (asked !== undefined) return asked;
  return findModel(model)?.inputFidelity.length === 0 ? 'high' : 'low';
}

export function inputTokensOfPicture(
  model: string,
  asked: JobRequest['input_fidelity'],
  means: TokenMeans,
): number {
  const fidelity = fidelityOf(model, asked);
  return means.get(meanKey(model, fidelity)) ?? inputImageTokens[fidelity];
}
