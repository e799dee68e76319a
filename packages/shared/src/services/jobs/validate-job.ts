/**
 * `POST /v1/jobs/validate`, the dry run of a job: everything that is wrong with a request, or what
 * it would cost and when it would be done.
 *
 * Problem: a submission stops at its first error, and a form wants all of them while it is filled
 * in. Approach: fields whose shape is wrong are left out, and the rules of model, provider and
 * pictures are applied to the others. Guarantee: nothing is stored, and a request without problems
 * would be accepted now. Pictures inside the request are decoded each time; files are not.
 */
import { toUsd } from '../../domain/money.ts';
import { mostPaidCalls } from '../../domain/retry-policy.ts';
import { errorCatalogue, KilnError } from '../../errors.ts';
import { weightOf } from '../../records/jobs/jobs.ts';
import { describeIssues } from '../../schemas/describe-issues.ts';
import { jobRequestSchema, type JobRequest } from '../../schemas/job-request.ts';
import type { JobValidation, RequestProblem } from '../../schemas/jobs/job-validation.ts';
import { toRefusal } from '../../schemas/refusal.ts';
import { maxImages, sourceSchema, type Source } from '../../schemas/source.ts';
import { defaultJobEvents } from '../../schemas/webhook.ts';
import type { Caller } from '../caller.ts';
import { inspectSources, type InspectedSources } from '../edits/resolve-sources.ts';
import { requireDraft } from '../edits/find-drafts.ts';
import { acceptWebhook } from '../webhooks/request-webhooks.ts';
import { addBound, createBoundSum, toCostLimit } from './cost-limit.ts';
import type { JobDeps } from './job-deps.ts';
import { assessRequest, type AssessedRequest, type JobPlan } from './new-job.ts';

/**
 * Throws `invalid_request` for a body that is no JSON object, and errors that are not the caller's.
 */
export async function validateJob(
  deps: JobDeps,
  caller: Caller,
  input: unknown,
): Promise<JobValidation> {
  const { fields, sources, problems } = readFields(input);
  const [inspected, learnt] = await Promise.all([
    inspectSources(deps, caller.projectId, sources),
    deps.tokenMemory.read(),
  ]);
  problems.push(...inspected.problems.map(toProblem));
  if (problems.every(({ param }) => param !== 'webhook_url'))
    problems.push(...(await collect(() => acceptWebhook(deps, caller, fields, defaultJobEvents))));
  const { derived_from: draft } = fields;
  problems.push(...(await collect(() => requireDraft(deps.db, caller.projectId, draft))));

  // The rules of another model would only confuse.
  const assessed = problems.some(({ param }) => param === 'model')
    ? null
    : assessRequest(deps.routes, toRequest(fields, sources, inspected), new Date(), {
        sources: inspected.images.map((image) => image?.picture ?? fitPicture),
        learnt,
      });
  if (assessed?.status === 'refused')
    problems.push(
      ...assessed.problems.map((problem) => ({ ...problem, code: 'unsupported_parameter' })),
    );
  // A prompt that is still missing changes neither the price of the pictures nor the turn.
  const isPlanned = problems.every(({ param }) => param === 'prompt');
  const plan = isPlanned && assessed?.status === 'accepted' ? assessed : null;
  return {
    object: 'job.validation',
    valid: problems.length === 0,
    problems,
    warnings: assessed?.status === 'accepted' ? assessed.job.warnings : [],
    endpoint: plan?.job.endpoint ?? null,
    model: plan?.job.model ?? null,
    deployment: plan?.job.deployment ?? null,
    request: plan === null ? null : showRequest(plan.job, inspected, fields),
    cost: costOf(deps, plan),
    queue: plan === null ? null : await queueOf(deps, caller, plan.job, fields),
  };
}

type Fields = Partial<Omit<JobRequest, 'images' | 'mask' | 'markup'>>;
interface Sources {
  /** Null for a picture whose reference has the wrong shape. Absent: no edit was meant. */
  images?: (Source | null)[];
  mask?: Source;
  markup?: Source;
}

const knownFields = Object.keys(jobRequestSchema.shape);
const pictureFields = ['images', 'mask', 'markup'] as const;
/** More would not help anybody who corrects a request. */
const mostProblems = 50;
/** Stands for a picture that cannot be used: its own problem is reported already. */
const fitPicture = { format: 'png', width: 1024, height: 1024 } as const;

/** Reads the fields whose shape is right, and reports the others. */
function readFields(input: unknown): {
  fields: Fields;
  sources: Sources;
  problems: RequestProblem[];
} {
  const parsed = jobRequestSchema.safeParse(input);
  if (parsed.success) {
    const { images, mask, markup, ...fields } = parsed.data;
    return {
      fields,
      sources: {
        ...(images !== undefined && { images }),
        ...(mask !== undefined && { mask }),
        ...(markup !== undefined && { markup }),
      },
      problems: [],
    };
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw toRefusal(parsed.error, input, knownFields);
  const problems = describeIssues(parsed.error, input, knownFields, mostProblems).map(
    ({ param, message, isUnknownField }) => ({
      param,
      code: isUnknownField ? 'unknown_parameter' : 'invalid_request',
      message,
    }),
  );
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]));
  const right = Object.entries(input).filter(
    ([name]) => knownFields.includes(name) && !wrong.has(name),
  );
  const others = right.filter(([name]) => !pictureFields.some((field) => field === name));
  return {
    fields: Object.fromEntries(others) as Fields,
    sources: readSources(input as Record<string, unknown>, wrong),
    problems,
  };
}

function readSources(input: Record<string, unknown>, wrong: ReadonlySet<unknown>): Sources {
  const { images, mask, markup } = input;
  const sources: Sources = {};
  if (images !== undefined)
    sources.images = Array.isArray(images)
      ? images.slice(0, maxImages).map((each) => sourceSchema.safeParse(each).data ?? null)
      : [];
  if (mask !== undefined && !wrong.has('mask')) sources.mask = mask as Source;
  if (markup !== undefined && !wrong.has('markup')) sources.markup = markup as Source;
  return sources;
}

function toProblem({ param, code, message }: KilnError): RequestProblem {
  return { param, code, message };
}

/** The problem that a check throws. Throws errors that are not the caller's. */
async function collect(check: () => Promise<unknown>): Promise<RequestProblem[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (!(error instanceof KilnError) || errorCatalogue[error.code].status >= 500) throw error;
    return [toProblem(error)];
  }
}

/** The request with the ids of its pictures, which stand for them even where they are unfit. */
function toRequest(
  {
    webhook_url: _url,
    webhook_events: _events,
    derived_from: _draft,
    dedupe: _dedupe,
    ...fields
  }: Fields,
  sources: Sources,
  { images, mask, markup }: InspectedSources,
) {
  const named = (id = '') => ({ file_id: id });
  return {
    ...fields,
    prompt: fields.prompt ?? '',
    ...(sources.images !== undefined && { images: images.map((image) => named(image?.id)) }),
    ...(sources.mask !== undefined && { mask: named(mask?.id) }),
    ...(sources.markup !== undefined && { markup: named(markup?.id) }),
  };
}

function showRequest(
  { request }: JobPlan,
  { inline }: InspectedSources,
  { prompt }: Fields,
): Record<string, unknown> {
  const show = (source: { file_id: string }) =>
    inline.has(source.file_id) ? { image_url: 'data:' } : source;
  const { prompt: _prompt, images, mask, markup, ...others } = request;
  return {
    ...(prompt !== undefined && { prompt }),
    ...others,
    ...(images !== undefined && { images: images.map(show) }),
    ...(mask !== undefined && { mask: show(mask) }),
    ...(markup !== undefined && { markup: show(markup) }),
  };
}

type Plan = Extract<AssessedRequest, { status: 'accepted' }>;

function costOf({ config }: JobDeps, plan: Plan | null): JobValidation['cost'] {
  const calls = mostPaidCalls(config);
  if (plan === null)
    return {
      currency: 'usd',
      estimated: null,
      estimate_basis: null,
      at_most: null,
      at_most_reason: 'the request has problems',
      at_most_calls: calls,
    };
  const bound = createBoundSum();
  addBound(bound, plan.callBound);
  return {
    currency: 'usd',
    estimated: toUsd(plan.job.cost_estimated_micros),
    estimate_basis: plan.job.cost_basis,
    ...toCostLimit(config, bound),
    at_most_calls: calls,
  };
}

async function queueOf(
  { backlog, callSpans, routes }: JobDeps,
  { projectId }: Caller,
  job: JobPlan,
  { priority }: Fields,
): Promise<JobValidation['queue']> {
  const [place, span] = await Promise.all([
    backlog.queuePositionOfNew({ ...job, priority: priority === 'bulk' ? 1 : 0 }),
    callSpans.of(projectId, job.model),
  ]);
  const pools = routes.poolsOf(job.route, weightOf(job));
  const inSeconds = place.starts_in_seconds;
  const startsAtMs = inSeconds === null ? null : Date.now() + inSeconds * 1_000;
  return {
    ...place,
    starts_at: startsAtMs === null ? null : Math.floor(startsAtMs / 1_000),
    finishes_at:
      startsAtMs === null
        ? null
        : {
            earliest: Math.floor((startsAtMs + span.fastMs) / 1_000),
            latest: Math.ceil((startsAtMs + span.slowMs) / 1_000),
            calls: span.calls,
          },
    pool: pools.length === 1 ? (pools[0] ?? null) : null,
  };
}
