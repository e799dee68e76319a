/** A new job: where it may go, by which rules it was checked, and what it is expected to cost. */
import type { Config } from '../config.ts';
import { estimateCost } from '../domain/cost.ts';
import { simulatorName } from '../domain/deployment.ts';
import { checkJobRequest } from '../domain/job-rules.ts';
import { findModel, providers } from '../domain/model-table.ts';
import type { Routes } from '../domain/routes.ts';
import { KilnError } from '../errors.ts';
import { buildId } from '../ids.ts';
import type { JobRow } from '../records/jobs.ts';
import type { JobRequest } from '../schemas/job-request.ts';
import type { JobWarning } from '../schemas/job.ts';
import type { Caller } from './jobs.ts';

/** Throws `unsupported_parameter` with every rule that the request breaks, where no deployment would take it. */
export function buildJob(
  { config, routes }: { config: Config; routes: Routes },
  caller: Caller,
  request: JobRequest,
): JobRow {
  const now = new Date();
  const target = findTarget(routes, request, now);
  const { model: _model, priority, metadata, ...stored } = request;
  const estimate = estimateCost(request, findModel(target.model)).usd;
  return {
    ...emptyRow,
    id: buildId('job'),
    project_id: caller.projectId,
    endpoint: '/v1/images/generations',
    model: target.model,
    deployment: target.deployment,
    route: target.route,
    request: stored,
    metadata: metadata ?? {},
    warnings: target.warnings,
    priority: priority === 'bulk' ? 1 : 0,
    max_attempts: config.maxAttempts,
    request_id: caller.requestId,
    cost_estimated_micros: estimate === null ? null : Math.round(estimate * 1_000_000),
    created_at: now,
    available_at: now,
  };
}

interface Target {
  model: string;
  route: string;
  /** Where only one can take it. */
  deployment: string | null;
  warnings: JobWarning[];
}

/** Of the deployments that serve the model, those whose provider's rules allow the request. */
function findTarget(routes: Routes, request: JobRequest, today: Date): Target {
  const { model, deployments } = routes.serving(request.model);
  if (deployments.length === 0) {
    throw new KilnError(
      'unsupported_parameter',
      `model: received "${model}"; the configured deployments serve ${routes.namedModels.join(', ')}`,
      { param: 'model' },
    );
  }
  const served = new Set(deployments.map(({ provider }) => provider));
  // Those of the other providers as well: a deployment of theirs may be added while the job waits.
  const findings = [...new Set([...served, ...providers])].map((provider) => ({
    provider,
    ...checkJobRequest(request, { provider, model, today }),
  }));
  const fitting = findings.filter(({ problems }) => problems.length === 0);
  const best = fitting.find(({ provider }) => served.has(provider));
  if (best === undefined) {
    const problems = findings.find(({ provider }) => served.has(provider))?.problems ?? [];
    throw new KilnError(
      'unsupported_parameter',
      problems.map(({ message }) => message).join('; '),
      problems[0] && { param: problems[0].param },
    );
  }
  const route = routes.routeOf(
    model,
    fitting.map(({ provider }) => provider),
  );
  const [only, ...others] = routes.deploymentsOf(route);
  return {
    model,
    route,
    deployment: others.length === 0 ? (only?.name ?? null) : null,
    warnings: route === simulatorName ? [simulated, ...best.warnings] : best.warnings,
  };
}

const simulated: JobWarning = {
  code: 'simulator',
  message: 'no provider is configured: the simulator makes this picture, and nothing is paid',
};

/** What a row holds before anything has happened to its job. */
const emptyRow = {
  batch_id: null,
  row_number: null,
  custom_id: null,
  filename: null,
  status: 'queued',
  fair_tag: 0,
  pool: null,
  dispatched_at: null,
  dispatch_no: 0,
  lease_owner: null,
  lease_expires_at: null,
  attempts_made: 0,
  retried_after_no: 0,
  crashes: 0,
  parked: false,
  cancel_requested_at: null,
  cancel_forced: false,
  usage: null,
  cost_actual_micros: null,
  cost_at_risk_micros: 0,
  error: null,
  started_at: null,
  finished_at: null,
  expires_at: null,
  results_deleted_at: null,
} as const satisfies Partial<JobRow>;
