/**
 * How many tokens a source picture is expected to be billed for. The providers do not say how newer
 * models count them, so it is the mean of what was billed, per model and fidelity; before there is
 * any, the figure of the model table.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import { findModel, inputImageTokens } from './model-table.ts';

export type Fidelity = keyof typeof inputImageTokens;

/** What has been billed so far, by `meanKey`. */
export type TokenMeans = ReadonlyMap<string, number>;

export function meanKey(model: string, fidelity: Fidelity): string {
  return `${fidelity} ${model}`;
}

/**
 * Models without the parameter look at every picture closely; the others do where they are asked
 * to.
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
