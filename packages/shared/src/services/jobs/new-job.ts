/**
 * Builds the row of a new job: checks the request against the rules of each provider that serves
 * its model, chooses the route, and estimates the cost. It reads no database and stores nothing.
 * Used by `jobs.ts` and `submit-edit.ts`, and for the rows of batches.
 */
import type { Config } from '../../config.ts';
import {
  estimateCost,
  estimateSourceTokens,
  estimateSvgMicros,
} from '../../models/cost/estimate-cost.ts';
import {
  boundCallMicros,
  boundOutputTokens,
  type Unbounded,
} from '../../models/cost/cost-bound.ts';
import { formatBasis } from '../../models/cost/estimate-basis.ts';
import { estimateOutputTokens, type OutputTokens } from '../../models/cost/image-tokens.ts';
import type { LearningProvider, LearntTokens } from '../../models/cost/learnt-tokens.ts';
import type { PictureSize } from '../../models/cost/source-tokens.ts';
import { simulatorName } from '../../models/deployment.ts';
import { checkJobRequest } from '../../models/job-rules.ts';
import { findModel, providers, type ModelFacts } from '../../models/model-table.ts';
import type { Route, Routes } from '../../models/routes.ts';
import { checkWeight } from '../../models/weight-rules.ts';
import { upperOutputTokens, upperTokensOf } from '../../models/cost/upper-tokens.ts';
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import { weightOf, type JobRow } from '../../records/jobs/jobs.ts';
import type { RowRequest, StoredJobRequest } from '../../schemas/job-request.ts';
import type { JobWarning } from '../../schemas/job.ts';
import type { Picture } from '../../schemas/picture.ts';
import { fileIdsOf, listSources } from '../edits/sources.ts';
import { toMicros } from '../../domain/money.ts';
import { editsEndpoint, generationsEndpoint } from '../../domain/endpoints.ts';
import type { JobProblem } from '../../models/job-findings.ts';
import { buildRequestKey, keyOfParameters, type SourceHashes } from './request-key.ts';
import type { Caller } from '../caller.ts';

/**
 * Throws `unsupported_parameter` with every rule that the request breaks, when no deployment
 * accepts it.
 */
export function buildJob(
  { config, routes }: { config: Config; routes: Routes },
  caller: Caller,
  request: ResolvedRequest,
  facts: RequestFacts,
): JobRow {
  const now = new Date();
  const assessed = assessRequest(routes, request, now, facts);
  if (assessed.status === 'refused') {
    const { problems } = assessed;
    throw new KilnError(
      'unsupported_parameter',
      problems.map(({ message }) => message).join('; '),
      problems[0] && { param: problems[0].param },
    );
  }
  return {
    ...emptyRow,
    ...assessed.job,
    id: buildId('job'),
    project_id: caller.projectId,
    priority: request.priority === 'bulk' ? 1 : 0,
    max_attempts: config.maxAttempts,
    request_id: caller.requestId,
    created_at: now,
    available_at: now,
  };
}

/** A request whose pictures are files. */
export type ResolvedRequest = RowRequest &
  Pick<StoredJobRequest, 'images' | 'mask' | 'markup' | 'partial_images'>;

export interface RequestFacts {
  /** The source pictures of an edit, in order; none for a generation. */
  sources?: readonly SourceFacts[];
  /** Their hashes, and those of the mask and the markup. Without them the job has no key. */
  hashes?: SourceHashes;
  /** What calls were billed so far. */
  learnt: LearntTokens;
}

export type SourceFacts = Pick<Picture, 'format' | 'width' | 'height'>;

export type AssessedRequest =
  | {
      status: 'accepted';
      job: JobPlan;
      /** Micro-dollars of one call at most, or why there is no bound. */
      callBound: number | Unbounded;
      /** Made as a draft: what the request as it is written should cost. */
      writtenMicros?: number | null;
    }
  | { status: 'refused'; problems: JobProblem[] };

/** The columns of a job that follow from its request: route, warnings and estimated cost. */
export type JobPlan = Pick<
  JobRow,
  | 'endpoint'
  | 'model'
  | 'route'
  | 'deployment'
  | 'request'
  | 'source_file_ids'
  | 'metadata'
  | 'warnings'
  | 'cost_estimated_micros'
  | 'cost_basis'
  | 'n'
  | 'tokens_estimated'
  | 'request_key'
>;

/**
 * Finds the deployments that serve the model and whose provider's rules allow the request, or
 * returns every rule that the request breaks.
 */
export function assessRequest(
  routes: Routes,
  request: ResolvedRequest,
  today: Date,
  facts: RequestFacts,
): AssessedRequest {
  const assessed = assessParameters(routes, request, today, facts);
  return assessed.status === 'refused'
    ? assessed
    : planFitting(routes, assessed.parameters, request, facts);
}

/** Plans the job of a request, or refuses it because it is heavier than any pool's minute. */
export function planFitting(
  routes: Routes,
  parameters: AssessedParameters,
  request: ResolvedRequest,
  { sources = [], hashes = noHashes }: { sources?: readonly PictureSize[]; hashes?: SourceHashes },
): AssessedRequest {
  const pictures = sizesOf(request, sources);
  const job = planJob(parameters, request, pictures, hashes);
  // A copy of the job would read its key, which validation leaves unread.
  const { route, model } = job;
  const problem = checkWeight(routes, { route, model, weight: weightOf(job) });
  if (problem !== null) return { status: 'refused', problems: [problem] };
  return { status: 'accepted', job, callBound: boundCall(parameters, request, pictures) };
}

const noHashes: SourceHashes = new Map();

function boundCall(
  { facts, outputBound, provider, learnt, model: id }: AssessedParameters,
  request: ResolvedRequest,
  pictures: readonly (PictureSize | null)[],
): number | Unbounded {
  if (facts === null) return 'unknown_model';
  if (typeof outputBound === 'string') return outputBound;
  return boundCallMicros(request, facts, outputBound, pictures, { provider, learnt, id });
}

/**
 * Everything that follows from a request except its prompt, metadata and named pictures. Many rows
 * of a file share it.
 */
export interface AssessedParameters {
  model: string;
  facts: ModelFacts | null;
  route: Route;
  /** The only deployment that serves the job; null when there are several. */
  deployment: string | null;
  warnings: JobWarning[];
  /** The provider whose rules and counts the estimate follows. */
  provider: LearningProvider;
  learnt: LearntTokens;
  output: OutputTokens | null;
  /** The most output tokens of one call. */
  outputBound: number | Unbounded;
  svg: ReturnType<typeof estimateSvgMicros>;
  /** The output tokens that count towards a pool's minute. */
  upperOutput: number;
  /** The part of the request's key that follows from the parameters. */
  key: string;
}

export function assessParameters(
  routes: Routes,
  request: ResolvedRequest,
  today: Date,
  { sources = [], learnt }: RequestFacts,
):
  | { status: 'accepted'; parameters: AssessedParameters }
  | { status: 'refused'; problems: JobProblem[] } {
  const { model, deployments } = routes.serving(request.model);
  if (deployments.length === 0) {
    const served = routes.namedModels.join(', ');
    const message = `model: received "${model}"; the configured deployments serve ${served}`;
    return { status: 'refused', problems: [{ param: 'model', message }] };
  }
  const served = new Set(deployments.map(({ provider }) => provider));
  // Check the other providers too: a deployment of theirs may be added while the job waits.
  const findings = [...new Set([...served, ...providers])].map((provider) => ({
    provider,
    ...checkJobRequest(request, { provider, model, today, sources }),
  }));
  const fitting = findings.filter(({ problems }) => problems.length === 0);
  const best = fitting.find(({ provider }) => served.has(provider));
  if (best === undefined) {
    const problems = findings.find(({ provider }) => served.has(provider))?.problems ?? [];
    return { status: 'refused', problems };
  }

  const route = routes.routeOf(
    model,
    fitting.map(({ provider }) => provider),
  );
  const serving = routes.deploymentsOf(route);
  const [only, ...others] = serving;
  const facts = findModel(model);
  const provider = route === simulatorName ? 'simulator' : best.provider;
  const partialImages = Math.max(0, ...serving.map(({ stream }) => stream?.partialImages ?? 0));
  const bounds = { provider, learnt, id: model, partialImages } as const;
  return {
    status: 'accepted',
    parameters: {
      model,
      facts,
      route,
      deployment: others.length === 0 ? (only?.name ?? null) : null,
      warnings: route === simulatorName ? [simulated, ...best.warnings] : best.warnings,
      provider,
      learnt,
      output: estimateOutputTokens(request, facts, { provider, learnt }),
      outputBound: boundOutputTokens(request, facts, bounds),
      svg: estimateSvgMicros(request, { provider, learnt, id: model }),
      upperOutput: upperOutputTokens(request, { model, provider, learnt, partialImages }),
      key: keyOfParameters(request, { model, facts, route }),
    },
  };
}

/** @param pictures the sizes of all pictures that are sent */
function planJob(
  parameters: AssessedParameters,
  request: ResolvedRequest,
  pictures: readonly (PictureSize | null)[],
  hashes: SourceHashes,
): JobPlan {
  const { model, facts, route, deployment, warnings, provider, learnt, output, svg } = parameters;
  const { upperOutput } = parameters;
  const { model: _model, priority: _priority, metadata = {}, ...stored } = request;
  const imageIn = estimateSourceTokens(request, facts, pictures, { provider, learnt, id: model });
  const { usd, basis } = estimateCost(request.prompt, facts, output, imageIn, svg);
  return {
    endpoint: stored.images === undefined ? generationsEndpoint : editsEndpoint,
    model,
    route,
    deployment,
    request: stored,
    source_file_ids: fileIdsOf(stored),
    metadata,
    warnings,
    cost_estimated_micros: toMicros(usd),
    cost_basis: basis && formatBasis(basis),
    n: request.n ?? 1,
    tokens_estimated: upperTokensOf(request, { model, provider, pictures, learnt }, upperOutput),
    // Validation reads no key, and a hash of each row would slow it down.
    get request_key() {
      return buildRequestKey(parameters.key, request, hashes);
    },
  };
}

/** The sizes of all pictures that are sent. A mask and a markup have the size of the first one. */
function sizesOf(
  request: Pick<StoredJobRequest, 'images' | 'mask' | 'markup'>,
  sources: readonly PictureSize[],
): (PictureSize | null)[] {
  const { images, mask, markup } = listSources(request);
  const overlays = [mask, markup].filter((id) => id !== null);
  return [
    ...images.map((_, index) => sources[index] ?? null),
    ...overlays.map(() => sources[0] ?? null),
  ];
}

const simulated: JobWarning = {
  code: 'simulator',
  message: 'no provider is configured: the simulator makes this picture, and nothing is paid',
};

/** Values of a row before anything has happened to its job. */
export const emptyRow = {
  batch_id: null,
  row_number: null,
  custom_id: null,
  filename: null,
  response_format: null,
  source_file_ids: null,
  status: 'queued',
  fair_tag: 0,
  pool: null,
  dispatched_at: null,
  dispatch_no: 0,
  lease_owner: null,
  lacks: null,
  lease_expires_at: null,
  attempts_made: 0,
  retried_after_no: 0,
  crashes: 0,
  failed_runs: 0,
  parked: false,
  cancel_requested_at: null,
  cancel_forced: false,
  usage: null,
  svg_usage: null,
  chosen: null,
  n: 1,
  tokens_estimated: null,
  cost_actual_micros: null,
  cost_at_risk_micros: 0,
  error: null,
  started_at: null,
  finished_at: null,
  expires_at: null,
  results_deleted_at: null,
  deleted_at: null,
  webhook: null,
  derived_from: null,
  reused_from: null,
  request_key: null,
  dedupe: null,
} as const satisfies Partial<JobRow>;
