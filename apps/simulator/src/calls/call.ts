/** One call as it arrived. */
import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Arrivals } from '../arrivals.ts';
import { readClock } from '../clock.ts';
import type { EditForm } from '../edits/form.ts';
import type { Uploads } from '../edits/upload.ts';
import type { LedgerEntry } from '../ledger.ts';
import { isBody, readNumber, readText } from '../parameters/body.ts';

export type Face = 'azure-deployment' | 'azure-v1' | 'openai';

export interface Call {
  seq: number;
  /** Milliseconds since the epoch, with a fraction. */
  receivedAt: number;
  /** The call cannot have arrived before this. */
  arrivedAfter: number;
  requestId: string;
  face: Face;
  route: string;
  /** Taken from the URL. */
  deployment: string | null;
  apiVersion: string | null;
  key: string | null;
  /** Undefined when the body is not JSON (for an edit: not a form) or has not been read yet. */
  body: unknown;
  /** Pictures of an edit; null for a generation or an edit without a form. */
  uploads: Uploads | null;
  jobId: string | null;
  attemptId: string | null;
}

/**
 * @param form the form of an edit whose body was read
 * @param arrivals says since when the call may have been waiting
 */
export function readCall(
  request: FastifyRequest,
  face: Face,
  { seq, form = null, arrivals }: { seq: number; form?: EditForm | null; arrivals: Arrivals },
): Call {
  const receivedAt = readClock();
  const { deployment } = request.params as { deployment?: string };
  const { 'api-version': apiVersion } = request.query as { 'api-version'?: string };
  return {
    seq,
    receivedAt,
    arrivedAfter: Math.min(receivedAt, arrivals.earliestMs()),
    requestId: face === 'openai' ? `req_${randomUUID().replaceAll('-', '')}` : randomUUID(),
    face,
    route: request.routeOptions.url ?? request.url,
    deployment: deployment ?? null,
    apiVersion: apiVersion ?? null,
    key: readKey(request, face),
    body: Buffer.isBuffer(request.body) ? form?.body : request.body,
    uploads: form?.uploads ?? null,
    jobId: readHeader(request, 'x-kiln-job-id'),
    attemptId: readHeader(request, 'x-kiln-attempt-id'),
  };
}

export function isEdit({ route }: Call): boolean {
  return route.endsWith('/edits');
}

export function readPrompt({ body }: Call): string | null {
  return readText(body, 'prompt', null);
}

/** Fields of a ledger entry that are known from the call alone. */
export function describeCall(call: Call) {
  const prompt = readPrompt(call);
  return {
    seq: call.seq,
    received_at: call.receivedAt,
    arrived_after: call.arrivedAfter,
    route: call.route,
    deployment: call.deployment,
    model: readText(call.body, 'model', null),
    n: readNumber(call.body, 'n', null),
    partial_images: isStreamed(call) ? readNumber(call.body, 'partial_images', 0) : null,
    prompt_sha256: prompt === null ? null : createHash('sha256').update(prompt).digest('hex'),
    user: readText(call.body, 'user', null),
    kiln_job_id: call.jobId,
    kiln_attempt_id: call.attemptId,
    request_id: call.requestId,
    source_sha256: call.uploads?.images.map(({ sha256 }) => sha256) ?? [],
    mask_sha256: call.uploads?.mask?.sha256 ?? null,
    markup_sha256: call.uploads?.markup?.sha256 ?? null,
  } satisfies Partial<LedgerEntry>;
}

function isStreamed({ body }: Call): boolean {
  return isBody(body) && body['stream'] === true;
}

function readKey(request: FastifyRequest, face: Face): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
  return face === 'openai' ? bearer : (readHeader(request, 'api-key') ?? bearer);
}

function readHeader(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
