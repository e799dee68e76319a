/**
 * One request of OpenAI's images API: its job, and then the answer in the form it was asked for,
 * once there are pictures.
 */
import { KilnError } from '@kiln/shared/errors';
import type { Job } from '@kiln/shared/schemas/job';
import {
  abandonJob,
  awaitImages,
  type WaitOptions,
} from '@kiln/shared/services/image-requests/await-images';
import { writeEvents } from '@kiln/shared/services/image-requests/event-stream';
import { openJsonAnswer, type JsonAnswer } from '@kiln/shared/services/image-requests/json-answer';
import type { AnswerForm } from '@kiln/shared/services/image-requests/read-request';
import { toUnavailableError } from '@kiln/shared/services/image-requests/outcome-error';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LargeBodyLimiter } from '../limits/large-body-limiter.ts';
import { callerOf } from '../requests/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { prefersAsync, retryAfterSeconds } from '../requests/http-preferences.ts';
import { sendEventStream } from './send-event-stream.ts';
import { disconnectSignal, type WaitLimiter } from '../limits/wait-limiter.ts';
import type { Caller } from '@kiln/shared/services/caller';
import type { Submission } from '@kiln/shared/services/jobs/job-deps';

export type SubmitImages = (
  caller: Caller,
  key: string | null,
) => Promise<{ submission: Submission; form: AnswerForm }>;

export interface Waiting {
  deps: ApiDeps;
  room: WaitLimiter;
  bodies: LargeBodyLimiter;
}

/**
 * @param submit accepts the job, and keeps nothing of the body; what it throws is answered as it
 * is, as nothing was accepted
 */
export async function answerImages(
  request: FastifyRequest,
  reply: FastifyReply,
  { deps, room, bodies }: Waiting,
  submit: SubmitImages,
): Promise<FastifyReply | Job> {
  if (!room.enter(reply)) throw tooManyWaiting(room);
  const hungUp = disconnectSignal(reply);
  const caller = callerOf(request);
  const key = idempotencyKeyOf(request);
  const { submission, form } = await submit(caller, key);
  bodies.drop(request);
  const { status, job } = submission;
  void reply.header('x-kiln-job-id', job.id).header('location', `/v1/jobs/${job.id}`);
  if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
  if (prefersAsync(request)) {
    void reply
      .header('preference-applied', 'respond-async')
      .header('retry-after', retryAfterSeconds(job));
    return reply.code(202).send(job);
  }
  // With a key the caller may come back for this very job, and may have done so already.
  if (key === null) whenAborted(hungUp, () => abandon(request, deps, caller, job.id));
  const signal = AbortSignal.any([hungUp, deps.stopping]);
  const patience = { caller, jobId: job.id, signal };
  return form.isStream
    ? sendEvents(request, reply, deps, job, patience)
    : sendWhole(request, reply, deps, form, patience);
}

/** Before anything is accepted. */
function tooManyWaiting({ places }: WaitLimiter): KilnError {
  return new KilnError(
    'too_many_waiting',
    `${places} requests wait for their pictures already, which is as many as this process takes; nothing was accepted. POST /v1/jobs takes jobs without waiting`,
    { retryAfterMs: 5_000 },
  );
}

async function sendWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ApiDeps,
  form: AnswerForm,
  patience: WaitOptions,
): Promise<FastifyReply> {
  const { bytes, body } = await openWhole(deps, form, patience).catch((error: unknown) => {
    const refusal = toUnavailableError(patience.jobId, error);
    tellRefusal(request, patience.jobId, refusal);
    throw refusal;
  });
  return reply.type('application/json; charset=utf-8').header('content-length', bytes).send(body);
}

async function openWhole(
  { jobs }: ApiDeps,
  form: AnswerForm,
  patience: WaitOptions,
): Promise<JsonAnswer> {
  const made = await awaitImages(jobs, patience);
  return openJsonAnswer(jobs.store, made, form, patience.caller.baseUrl);
}

function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  { jobs }: ApiDeps,
  job: Job,
  patience: WaitOptions,
): Promise<FastifyReply> {
  return sendEventStream(
    reply,
    writeEvents(jobs, job, patience, (refusal) => tellRefusal(request, job.id, refusal)),
  );
}

/** The status of these errors says little, and that of a stream nothing. */
function tellRefusal({ log }: FastifyRequest, jobId: string, { code, cause }: KilnError): void {
  if (cause !== undefined)
    log.error({ err: cause, code, jobId }, 'the result of a job could not be answered');
}

async function abandon(request: FastifyRequest, { jobs }: ApiDeps, caller: Caller, jobId: string) {
  try {
    await abandonJob(jobs, caller, jobId);
    request.log.info({ jobId }, 'its caller hung up: the job is cancelled unless it is under way');
  } catch (err) {
    request.log.error({ err, jobId }, 'a job whose caller hung up could not be cancelled');
  }
}

function whenAborted(signal: AbortSignal, action: () => Promise<void>): void {
  if (signal.aborted) void action();
  else signal.addEventListener('abort', () => void action(), { once: true });
}

function idempotencyKeyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? key : null;
}
