/**
 * Answers a request of OpenAI's images API: submits its job, waits for the pictures, and sends them
 * as JSON or as an event stream. A caller that disconnects without an Idempotency-Key cancels its
 * queued job. The rules of jobs are in `services/image-requests`; used by the four image routes.
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
import { toCaller } from '../requests/caller.ts';
import { locate } from '../requests/request-address.ts';
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

export interface ImageDeps {
  deps: ApiDeps;
  waits: WaitLimiter;
  bodies: LargeBodyLimiter;
}

/**
 * @param submit accepts the job and keeps nothing of the body; its errors are sent unchanged,
 * because nothing was accepted
 */
export async function answerImages(
  request: FastifyRequest,
  reply: FastifyReply,
  { deps, waits, bodies }: ImageDeps,
  submit: SubmitImages,
): Promise<FastifyReply | Job> {
  if (!waits.admit(reply)) throw tooManyWaiting(waits);
  const disconnected = disconnectSignal(reply);
  const caller = toCaller(request);
  const key = readIdempotencyKey(request);
  const { submission, form } = await submit(caller, key);
  bodies.release(request);
  const { status, job } = submission;
  void reply
    .header('x-kiln-job-id', job.id)
    .header('location', locate(request, `/v1/jobs/${job.id}`));
  if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
  if (prefersAsync(request)) {
    void reply
      .header('preference-applied', 'respond-async')
      .header('retry-after', retryAfterSeconds(job));
    return reply.code(202).send(job);
  }
  // With a key the caller may come back for the job, or may already have done so.
  if (key === null) whenAborted(disconnected, () => cancelAbandoned(request, deps, caller, job.id));
  const signal = AbortSignal.any([disconnected, deps.stopping]);
  const options = { caller, jobId: job.id, signal };
  return form.isStream
    ? sendEvents(request, reply, deps, job, options)
    : sendJson(request, reply, deps, form, options);
}

/** Thrown before anything is accepted. */
function tooManyWaiting({ maxWaiting }: WaitLimiter): KilnError {
  return new KilnError(
    'too_many_waiting',
    `${maxWaiting} requests already wait for their pictures, the most this process allows; ` +
      'nothing was accepted. Retry, or use POST /v1/jobs, which does not wait',
    { retryAfterMs: 5_000 },
  );
}

async function sendJson(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ApiDeps,
  form: AnswerForm,
  options: WaitOptions,
): Promise<FastifyReply> {
  const { bytes, body } = await openJson(deps, form, options).catch((error: unknown) => {
    const refusal = toUnavailableError(options.jobId, error);
    logRefusal(request, options.jobId, refusal);
    throw refusal;
  });
  return reply.type('application/json; charset=utf-8').header('content-length', bytes).send(body);
}

async function openJson(
  { jobs }: ApiDeps,
  form: AnswerForm,
  options: WaitOptions,
): Promise<JsonAnswer> {
  const made = await awaitImages(jobs, options);
  return openJsonAnswer(jobs.store, made, form, options.caller.baseUrl);
}

function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  { jobs }: ApiDeps,
  job: Job,
  options: WaitOptions,
): Promise<FastifyReply> {
  return sendEventStream(
    reply,
    writeEvents(jobs, job, options, (refusal) => logRefusal(request, job.id, refusal)),
    jobs.config.eventStallMs,
  );
}

/** Logs the cause, because the status of these errors says little and a stream's status nothing. */
function logRefusal({ log }: FastifyRequest, jobId: string, { code, cause }: KilnError): void {
  if (cause !== undefined)
    log.error({ err: cause, code, jobId }, 'the result of a job could not be sent');
}

async function cancelAbandoned(
  request: FastifyRequest,
  { jobs }: ApiDeps,
  caller: Caller,
  jobId: string,
) {
  try {
    await abandonJob(jobs, caller, jobId);
    request.log.info(
      { jobId },
      'the caller disconnected: its job is cancelled unless a call is under way',
    );
  } catch (err) {
    request.log.error({ err, jobId }, 'the job of a disconnected caller could not be cancelled');
  }
}

function whenAborted(signal: AbortSignal, action: () => Promise<void>): void {
  if (signal.aborted) void action();
  else signal.addEventListener('abort', () => void action(), { once: true });
}

function readIdempotencyKey({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? key : null;
}
