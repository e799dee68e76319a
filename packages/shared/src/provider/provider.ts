/**
 * Makes one HTTP call to a deployment with the official SDK and classifies its outcome. The outcome
 * says whether the request can have been executed, which decides who pays. It never retries: the
 * caller decides whether to call again. Used by `services/running`.
 */
import { APIError, APIUserAbortError, type OpenAI } from 'openai';
import { noProxies, type Proxies } from '../config/proxies.ts';
import { ProxyError } from '../network/open-tunnel.ts';
import type { Deployment } from '../models/deployment.ts';
import type { StoredJobRequest } from '../schemas/job-request.ts';
import { classifyFault, type CallPhase, type ProviderAnswer } from './faults/classify-fault.ts';
import { createDeploymentClient } from './deployment-client.ts';
import { createDispatcher } from './dispatcher.ts';
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
  /** Source pictures of an edit; null: a generation. */
  sources: EditSources | null;
  /**
   * Sent as headers, so that an operator can match the ledger with logs along the way; providers
   * ignore them.
   */
  jobId: string;
  attemptNo: number;
  /** Id of the client's request; both providers log it under a name of their own. */
  requestId: string;
  signal: AbortSignal;
  /** Runs when the request has been written; from then on it may be billed. */
  onWritten: () => void;
  /** Receives the partial images of a streamed call. */
  onPartial: OnPartial;
}

export interface Provider {
  /**
   * Resolves with the outcome of the call, also when it failed; rejects only for programming
   * errors.
   */
  call(deployment: Deployment, request: CallRequest): Promise<CallOutcome>;
  close(): Promise<void>;
}

/** `callTimeoutMs` limits a whole call, `streamIdleMs` the silence within a streamed one. */
export function createProvider(options: {
  callTimeoutMs: number;
  streamIdleMs: number;
  /** Returns tokens for deployments without a key. */
  getToken?: SignIn;
  proxies?: Proxies;
}): Provider {
  const { callTimeoutMs, streamIdleMs, proxies = noProxies } = options;
  const getToken = options.getToken ?? signIn(proxies);
  const connections = createDispatcher({
    proxies,
    connectMs: Math.min(30_000, callTimeoutMs),
  });
  const clients = new Map<string, OpenAI>();

  function clientOf(deployment: Deployment): OpenAI {
    const known = clients.get(deployment.name);
    if (known !== undefined) return known;
    const client = createDeploymentClient(deployment, { callTimeoutMs, getToken });
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
      // An answer that is not streamed may be silent until the deadline.
      const heard = parameters['stream'] === true ? idle.touch : () => undefined;
      let phase: CallPhase = 'before_request_written';
      let status: number | null = null;
      const dispatcher = connections.dispatcher.compose(
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
              // `fetch` would keep a Blob in memory in case it had to send it again, and does not
              // know the length of a stream.
              ...(form !== null && {
                'content-type': form.type,
                'content-length': String(form.size),
              }),
              'x-kiln-job-id': jobId,
              'x-kiln-attempt-id': String(attemptNo),
              [deployment.provider === 'openai' ? 'x-client-request-id' : 'x-ms-client-request-id']:
                requestId,
            },
            signal: AbortSignal.any([signal, deadline, idle.signal]),
            // Following a redirect would send a second request, with the key, to another address.
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
    close: () => connections.close(),
  };
}

/**
 * Converts an error of the SDK. Anything other than an HTTP response is a connection failure in the
 * phase that the request had reached.
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
  // `fetch` turns only this response into an error without details.
  if (status === 407)
    return { kind: 'http', status, headers: {}, body: 'a proxy on the way asks for a key' };
  if (error instanceof APIUserAbortError)
    return { kind: 'network', phase, code: 'aborted', message: 'the call was aborted' };
  if (!(error instanceof Error)) throw error;
  const cause = deepestCause(error);
  if (cause instanceof CredentialsError) return { kind: 'credentials', message: cause.message };
  if (cause instanceof ProxyError && cause.status === 407)
    return { kind: 'http', status: 407, headers: {}, body: cause.message };
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
