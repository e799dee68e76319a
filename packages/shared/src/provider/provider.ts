/**
 * The provider: one HTTP call to a deployment, by the official SDK. Never a retry: whether to call
 * again is not decided here.
 */
import { APIError, APIUserAbortError, AzureOpenAI, OpenAI } from 'openai';
import { Agent, fetch } from 'undici';
import type { Deployment } from '../models/deployment.ts';
import type { StoredJobRequest } from '../schemas/job-request.ts';
import { classifyFault, type CallPhase, type ProviderAnswer } from './faults/classify-fault.ts';
import { buildEditForm, type EditSources } from './edit-form.ts';
import { CredentialsError, signIn, type SignIn } from './entra.ts';
import { createIdleDeadline } from './idle-deadline.ts';
import { observeRequest } from './observed-request.ts';
import { readAnswer, requestIdOf } from './answer/read-answer.ts';
import type { OnPartial } from './answer/read-stream.ts';
import { buildParameters } from './request-body.ts';
import type { CallOutcome } from './call-outcome.ts';

export interface CallRequest {
  model: string;
  request: StoredJobRequest;
  /** The pictures of an edit; null: a generation. */
  sources: EditSources | null;
  /**
   * Sent along, so that an operator can match our ledger with logs on the way; providers ignore
   * them.
   */
  jobId: string;
  attemptNo: number;
  /** Of the caller's request; both providers log it under a name of their own. */
  requestId: string;
  signal: AbortSignal;
  /** Called when the request has been written: from here on it may be billed. */
  onWritten: () => void;
  /** Called with what a streamed call shows of its picture while it is made. */
  onPartial: OnPartial;
}

export interface Provider {
  /** Resolves with what came of the call, whatever that is; rejects only for a mistake of ours. */
  call(deployment: Deployment, request: CallRequest): Promise<CallOutcome>;
  close(): Promise<void>;
}

/**
 * A connection is used again only within a second: a server closes idle ones, and a request that
 * meets such a close has an unknown outcome for the price of saving a handshake.
 */
const idleConnectionMs = 1_000;

/** `callTimeoutMs` is for a whole call, `streamIdleMs` for the silence within a streamed one. */
export function createProvider(options: {
  callTimeoutMs: number;
  streamIdleMs: number;
  /** Tokens for deployments without a key. */
  getToken?: SignIn;
}): Provider {
  const { callTimeoutMs, streamIdleMs, getToken = signIn() } = options;
  // undici gives up on headers after 300 s by itself; the deadlines are ours.
  const agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleConnectionMs,
    keepAliveMaxTimeout: idleConnectionMs,
    connect: { timeout: Math.min(30_000, callTimeoutMs) },
  });
  const clients = new Map<string, OpenAI>();

  function clientOf(deployment: Deployment): OpenAI {
    const known = clients.get(deployment.name);
    if (known !== undefined) return known;
    const client = createClient(deployment, callTimeoutMs, getToken);
    clients.set(deployment.name, client);
    return client;
  }

  return {
    async call(
      deployment,
      { model, request, sources, jobId, attemptNo, requestId, signal, onWritten, onPartial },
    ) {
      const parameters = buildParameters(deployment, model, request);
      const form = sources === null ? null : buildEditForm(parameters, sources);
      const deadline = AbortSignal.timeout(callTimeoutMs);
      const idle = createIdleDeadline(streamIdleMs);
      // An answer in one piece may be silent for as long as it likes.
      const heard = parameters['stream'] === true ? idle.touch : () => undefined;
      let phase: CallPhase = 'before_request_written';
      let status: number | null = null;
      const dispatcher = agent.compose(
        observeRequest({
          onBegun: () => (phase = 'while_written'),
          onWritten() {
            phase = 'after_request_written';
            heard();
            onWritten();
          },
          onStatus: (answered) => (status = answered),
        }),
      );
      try {
        const response = await clientOf(deployment)
          .post(form === null ? '/images/generations' : '/images/edits', {
            body: form === null ? parameters : form.stream(),
            headers: {
              // As a Blob, `fetch` would keep all of it in memory in case it had to be sent again;
              // of a stream it does not know the length.
              ...(form !== null && {
                'content-type': form.type,
                'content-length': String(form.size),
              }),
              'x-kiln-job-id': jobId,
              'x-kiln-attempt-id': String(attemptNo),
              [deployment.azure === null ? 'x-client-request-id' : 'x-ms-client-request-id']:
                requestId,
            },
            signal: AbortSignal.any([signal, deadline, idle.signal]),
            // A redirect would be a second request, and take the key to wherever it leads.
            fetchOptions: { dispatcher, redirect: 'manual' },
          })
          .asResponse();
        return await readAnswer(response, onPartial, heard);
      } catch (error) {
        const answer = deadline.aborted
          ? ({ kind: 'timeout', phase, timeoutMs: callTimeoutMs } as const)
          : idle.signal.aborted
            ? ({ kind: 'silence', phase, idleMs: streamIdleMs } as const)
            : toAnswer(error, phase, status);
        return {
          status: 'fault',
          fault: classifyFault(answer, Date.now()),
          httpStatus: answer.kind === 'http' ? answer.status : null,
          providerRequestId:
            error instanceof APIError ? requestIdOf(error.headers as Headers | undefined) : null,
          usage: null,
        };
      } finally {
        idle.stop();
      }
    },
    close: () => agent.destroy(),
  };
}

function createClient(deployment: Deployment, timeoutMs: number, getToken: SignIn): OpenAI {
  const options = {
    baseURL: deployment.baseUrl,
    apiKey: deployment.apiKey ?? '', // not undefined, for which the SDK would read the environment
    maxRetries: 0, // whether to call again is not decided here
    logLevel: 'off' as const,
    timeout: timeoutMs + 5_000, // the deadline is ours; the SDK's own ends only the wait for headers
    // The SDK would read these from the environment.
    organization: null,
    project: null,
    webhookSecret: null,
    fetch: fetch as unknown as typeof globalThis.fetch, // undici's own, so that it and the agent are of one version
  };
  if (deployment.azure === null) return new OpenAI(options);
  return new AzureOpenAI({
    ...options,
    ...(deployment.apiKey === null ? { azureADTokenProvider: getToken } : {}),
    apiVersion: deployment.azure.apiVersion,
    deployment: deployment.azure.deployment,
  });
}

/**
 * What the SDK threw, as an answer. Anything that is not an HTTP answer ended with the connection,
 * in the phase it had come to.
 */
function toAnswer(error: unknown, phase: CallPhase, status: number | null): ProviderAnswer {
  if (error instanceof APIError && error.status !== undefined) {
    const body: unknown =
      error.error === undefined ? error.message : { error: error.error as unknown };
    return {
      kind: 'http',
      status: error.status as number,
      headers: Object.fromEntries((error.headers as Headers | undefined) ?? []),
      body,
    };
  }
  // The one answer that `fetch` makes an error of, and keeps to itself.
  if (status === 407)
    return { kind: 'http', status, headers: {}, body: 'a proxy on the way asks for a key' };
  if (error instanceof APIUserAbortError)
    return { kind: 'network', phase, code: 'aborted', message: 'the call was aborted' };
  if (!(error instanceof Error)) throw error;
  const cause = deepestCause(error);
  if (cause instanceof CredentialsError) return { kind: 'credentials', message: cause.message };
  return {
    kind: 'network',
    phase,
    code: 'code' in cause ? String(cause.code) : cause.name,
    message: cause.message,
  };
}

function deepestCause(error: Error): Error {
  return error.cause instanceof Error ? deepestCause(error.cause) : error;
}
