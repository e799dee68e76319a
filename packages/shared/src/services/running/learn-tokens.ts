/** Learns from an answered call what such calls are billed, for later estimates. */
import { imageTokensOf, outputTokensOf, svgMicrosOf } from '../../models/cost/actual-cost.ts';
import { tokensPerPartialImage } from '../../models/cost/image-tokens.ts';
import {
  outputKey,
  sourceKey,
  svgKey,
  learningProviderOf,
} from '../../models/cost/learnt-tokens.ts';
import {
  countSourceTokens,
  fidelityOf,
  type PictureSize,
} from '../../models/cost/source-tokens.ts';
import { findDeployment, type Deployment } from '../../models/deployment.ts';
import { findModel } from '../../models/model-table.ts';
import type { Sample } from '../../records/jobs/learnt-tokens.ts';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { ClaimedJob, MadeCall, RunDeps } from './claimed-job.ts';

/** Best effort: one call makes no difference to an estimate. */
export function learnFrom(
  { config, tokenMemory }: Pick<RunDeps, 'config' | 'tokenMemory'>,
  { model, request }: Pick<ClaimedJob['job'], 'model' | 'request'>,
  call: Pick<MadeCall, 'deployment' | 'sources'>,
  answer: Pick<AnsweredCall, 'images' | 'usage'> & { svgUsage?: object | null },
): void {
  const deployment = findDeployment(config.deployments, call.deployment);
  if (deployment === null) return;
  const sent = call.sources;
  const files = sent === null ? [] : [...sent.images, sent.mask, sent.markup];
  const sources = files.flatMap((file) => (file === null ? [] : [file.size ?? null]));
  const { svgUsage = null, ...answered } = answer;
  tokenMemory.add(samplesOf({ ...answered, model, request, deployment, sources, svgUsage }));
}

/** An answer with pictures, and the sizes of the source pictures that were sent. */
export interface AnsweredCall {
  model: string;
  request: StoredJobRequest;
  deployment: Deployment;
  sources: readonly (PictureSize | null)[];
  images: number;
  usage: object | null;
  svgUsage: object | null;
}

/**
 * An answer with fewer images than requested teaches nothing about its output: it is not known how
 * many were billed. `provider_options` may change what is billed, so such calls are left out.
 */
export function samplesOf({
  model: id,
  request,
  deployment,
  sources,
  images,
  usage,
  svgUsage,
}: AnsweredCall): Sample[] {
  if (request.provider_options !== undefined) return [];
  const provider = learningProviderOf(deployment);
  const samples: Sample[] = [];

  const output = outputTokensOf(usage);
  const partials = (request.partial_images ?? 0) * tokensPerPartialImage;
  if (output !== null && images > 0 && images === (request.n ?? 1)) {
    const value = Math.max(0, output - partials) / images;
    samples.push({ key: outputKey(provider, id, request), value });
  }

  const model = findModel(id);
  const fidelity = fidelityOf(model, request.input_fidelity);
  const counted = sources.reduce(
    (sum, size) => sum + countSourceTokens(model, fidelity, size ?? undefined),
    0,
  );
  const billed = imageTokensOf(usage);
  if (billed !== null && counted > 0)
    samples.push({ key: sourceKey(provider, id, request), value: billed / counted });

  const micros = svgMicrosOf(svgUsage);
  if (micros !== null) samples.push({ key: svgKey(provider, id, request), value: micros });
  return samples;
}
