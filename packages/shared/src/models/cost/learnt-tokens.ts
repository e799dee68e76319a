/**
 * What providers have billed, for later estimates: the mean of the calls so far.
 *
 *   output  output tokens of one image, by requested size and quality
 *   source  billed tokens of a source picture, divided by the count of `source-tokens.ts`
 *   svg     micro-dollars that an author model cost for one SVG document, by author and effort
 *
 * The means are kept per provider: the same model may be billed differently elsewhere. The
 * simulator counts as a provider of its own, so that no estimate for a real one rests on it.
 * `records/jobs/learnt-tokens.ts` stores them.
 */
import type { StreamableJobRequest } from '../../schemas/job-request.ts';
import { simulatorName, type Deployment } from '../deployment.ts';
import { findModel, type Provider } from '../model-table.ts';
import { fidelityOf } from './source-tokens.ts';

export type LearningProvider = Provider | 'simulator';

export function learningProviderOf({ name, provider }: Deployment): LearningProvider {
  return name === simulatorName ? 'simulator' : provider;
}

export type Meter = 'output' | 'source' | 'svg';

/** The mean of the last calls; `calls` stops at the number that the mean covers. */
export interface Learnt {
  mean: number;
  calls: number;
}

/** Identifies a mean. `variant` tells apart the requests of a model that are billed differently. */
export interface LearntKey {
  provider: LearningProvider;
  model: string;
  meter: Meter;
  variant: string;
}

export interface LearntTokens {
  find(key: LearntKey): Learnt | null;
}

export const nothingLearnt: LearntTokens = { find: () => null };

/** The fields of a request that decide how it is billed. */
export type BilledRequest = Pick<
  StreamableJobRequest,
  'n' | 'size' | 'quality' | 'partial_images' | 'output_format' | 'input_fidelity'
> & {
  frame_count?: number | undefined;
  svg?:
    | {
        model?: string | undefined;
        reasoning?: { effort?: string | null | undefined } | null | undefined;
      }
    | undefined;
};

export function toLearntText({ provider, model, meter, variant }: LearntKey): string {
  return JSON.stringify([provider, model, meter, variant]);
}

export function readLearnt(means: ReadonlyMap<string, Learnt>): LearntTokens {
  return { find: (key) => means.get(toLearntText(key)) ?? null };
}

export function outputKey(
  provider: LearningProvider,
  model: string,
  request: BilledRequest,
): LearntKey {
  const {
    size = 'auto',
    quality = defaultQuality(provider, model),
    output_format: format,
  } = request;
  const frames = format === 'gif' ? ` gif ${request.frame_count ?? defaultFrames}` : '';
  return buildKey(provider, model, 'output', `${size} ${quality}${frames}`);
}

export function sourceKey(
  provider: LearningProvider,
  model: string,
  { input_fidelity: asked }: BilledRequest,
): LearntKey {
  return buildKey(provider, model, 'source', fidelityOf(findModel(model), asked));
}

export function svgKey(
  provider: LearningProvider,
  model: string,
  { svg }: BilledRequest,
): LearntKey {
  const author = svg?.model ?? 'default';
  const effort = svg?.reasoning?.effort ?? 'default';
  return buildKey(provider, model, 'svg', `${author} ${effort}`);
}

/** The number of frames of a gif whose request does not say it, as OpenAI documents it. */
export const defaultFrames = 9;

/**
 * The quality of a request without `quality`. OpenAI chooses one for each picture; Azure documents
 * a default.
 */
export function defaultQuality(
  provider: LearningProvider,
  model: string,
): 'auto' | 'low' | 'medium' | 'high' {
  return provider === 'azure' ? (findModel(model)?.azureDefaultQuality ?? 'high') : 'auto';
}

/** Aliases of a model are billed as the model. */
function buildKey(
  provider: LearningProvider,
  model: string,
  meter: Meter,
  variant: string,
): LearntKey {
  return { provider, model: findModel(model)?.id ?? model, meter, variant };
}
