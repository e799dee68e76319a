/**
 * Makes one HTTP call to a deployment and classifies its outcome. The outcome says whether the
 * request can have been executed, which decides who pays. The official SDK builds the request; the
 * answer is read here (`answer/`), because the SDK trusts headers that are not always true. It
 * never retries: the caller decides whether to call again. Used by `services/running`.
 */
import type { OpenAI } from 'openai';
import { fetch, type Dispatcher } from 'undici';
import { noProxies, type Proxies } from '../config/proxies.ts';
import { createAnswerDeadline } from '../network/answer-deadline.ts';
import { isSignInRefused, ProxyError } from '../network/open-tunnel.ts';
import type { Deployment } from '../models/deployment.ts';
import type { StoredJobRequest } from '../schemas/job-request.ts';
import { classifyFault, type CallPhase, type Fault } from './faults/classify-fault.ts';
import { cutMessage } from './faults/error-body.ts';
import { createDeploymentClient } from './deployment-client.ts';
import { createDispatcher } from './dispatcher.ts';
import { buildEditForm, type EditSources } from './edit-form.ts';
import { CredentialsError, signIn, type SignIn } from './entra.ts';
import { hideSecrets } from './hide-secrets.ts';
import { observeRequest, type ObservedAnswer } from './observed-request.ts';
import type { FetchedPicture } from './answer/fetch-picture.ts';
import { readAnswer } from './answer/read-answer.ts';
import type { OnPartial } from './answer/read-stream.ts';
import type { ReportedLimits } from '../domain/reported-limits.ts';
import { readRateLimits } from './rate-limits.ts';
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
  /**
   * Runs when the connection is open and the body begins. The request is written in the same tick
   * when it resolves to true; otherwise the call ends unwritten. Absent: it is written at once.
   */
  mayWrite?: () => Promise<boolean>;
  /** Runs when the request has been written; from then on it may be billed. */
  onWritten: () => void;
  /** Receives the partial images of a streamed call. */
  onPartial: OnPartial;
  /** Receives what the answer says of the provider's limits. */
  onLimits?: (limits: ReportedLimits) => void;
}

export interface Provider {
  /**
   * Resolves with the outcome of the call, also when it failed; rejects only for programming
   * errors.
   */
  call(deployment: Deployment, request: CallRequest): Promise<CallOutcome>;
  close(): Promise<void>;
}

/** Kiln's own undici, so that `fetch` and the agent have the same version. */
const send = fetch as unknown as (
  url: string,
  init: Omit<RequestInit, 'dispatcher'> & { dispatcher: Dispatcher },
) => Promise<Response>;

/** Fetches a picture whose address a deployment has answered with. Never throws. */
export type PictureFetcher = (
  deployment: Deployment,
  address: string,
  signal: AbortSignal,
) => Promise<FetchedPicture>;

/** `callTimeoutMs` limits a whole call, `streamIdleMs` the silence within a streamed one. */
export function createProvider(options: {
  callTimeoutMs: number;
  streamIdleMs: number;
  /** Returns tokens for deployments without a key. */
  getToken?: SignIn;
  proxies?: Proxies;
  /** Without it, an answer with an address has no picture. */
  fetchPicture?: PictureFetcher;
}): Provider {
  const { callTimeoutMs, streamIdleMs, proxies = noProxies, fetchPicture = fetchNone } = options;
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
      {
        model,
        request,
        sources,
        jobId,
        attemptNo,
        requestId,
        signal,
        mayWrite,
        onWritten,
        onPartial,
        onLimits,
      },
    ) {
      const parameters = buildParameters(deployment, model, request);
      const form = sources === null ? null : buildEditForm(parameters, sources);
      const deadline = createAnswerDeadline(callTimeoutMs);
      deadline.touch();
      const idle = createAnswerDeadline(streamIdleMs);
      // An answer that is not streamed may be silent until the deadline.
      const heard = parameters['stream'] === true ? idle.touch : () => undefined;
      let phase: CallPhase = 'before_request_written';
      const seen: { answer: ObservedAnswer | null } = { answer: null };
      const dispatcher = connections.dispatcher.compose(
        observeRequest({
          mayWrite,
          onBegun: () => (phase = 'while_written'),
          onWritten() {
            phase = 'after_request_written';
            heard();
            onWritten();
          },
          onAnswer(answer) {
            seen.answer = answer;
            const limits = readRateLimits(answer.headers);
            if (limits !== null) onLimits?.(limits);
          },
        }),
      );
      const limits = AbortSignal.any([signal, deadline.signal, idle.signal]);
      try {
        const { url, req } = await clientOf(deployment).buildRequest({
          method: 'post',
          path: form === null ? '/images/generations' : '/images/edits',
          body: form === null ? parameters : form.stream(),
          headers: {
            // `fetch` would keep a Blob in memory in case it had to send it again, and does not
            // know the length of a stream.
            ...(form !== null && {
              'content-type': form.type,
              'content-length': String(form.size),
            }),
            'accept-encoding': 'identity',
            'x-kiln-job-id': jobId,
            'x-kiln-attempt-id': String(attemptNo),
            [deployment.provider === 'openai' ? 'x-client-request-id' : 'x-ms-client-request-id']:
              requestId,
          },
        });
        const response = await send(url, {
          ...req,
          ...(form !== null && { duplex: 'half' }),
          signal: limits,
          dispatcher,
          // Following a redirect would send a second request, with the key, to another address.
          redirect: 'manual',
        });
        const outcome = await readAnswer(response, {
          contentEncoding: seen.answer?.contentEncoding ?? null,
          cutBy: () => seen.answer?.cutBy() ?? null,
          wanted: typeof parameters['n'] === 'number' ? parameters['n'] : 1,
          onPartial,
          onBytes: heard,
          fetchPicture: (address) =>
            fetchPicture(deployment, address, AbortSignal.any([signal, deadline.signal])),
        });
        return hideSecrets(deployment, outcome);
      } catch (error) {
        const fault = deadline.signal.aborted
          ? classify({ kind: 'timeout', phase, timeoutMs: callTimeoutMs })
          : idle.signal.aborted
            ? classify({ kind: 'silence', phase, idleMs: streamIdleMs })
            : signal.aborted
              ? classify({
                  kind: 'network',
                  phase,
                  code: 'aborted',
                  message: 'the call was aborted',
                })
              : faultOf(error, phase, seen.answer?.status ?? null);
        return hideSecrets(deployment, {
          status: 'fault',
          fault,
          httpStatus: seen.answer?.status ?? null,
          providerRequestId: null,
          usage: null,
        });
      } finally {
        deadline.stop();
        idle.stop();
      }
    },
    close: () => connections.close(),
  };
}

async function fetchNone(): Promise<FetchedPicture> {
  return { status: 'missing', reason: 'it is an address instead of base64' };
}

function classify(answer: Parameters<typeof classifyFault>[0]): Fault {
  return classifyFault(answer, Date.now());
}

/**
 * Classifies an error of `fetch`: a connection failure in the phase that the request had reached,
 * unless an answer came that is no valid HTTP.
 */
function faultOf(error: unknown, phase: CallPhase, status: number | null): Fault {
  // `fetch` turns only this response into an error without details.
  if (status === 407)
    return classify({
      kind: 'http',
      status,
      headers: {},
      body: 'a proxy on the way asks for a key',
    });
  if (!(error instanceof Error)) throw error;
  const cause = deepestCause(error);
  if (cause instanceof CredentialsError)
    return classify({ kind: 'credentials', message: cause.message });
  if (cause instanceof ProxyError && isSignInRefused(cause))
    return classify({ kind: 'http', status: 407, headers: {}, body: cause.message });
  // Errors of the HTTP parser have a code that is not set.
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  if (phase === 'after_request_written' && isInvalidHttp(code)) {
    const message = cutMessage(`the answer is not valid HTTP: ${code}: ${cause.message}`);
    const shape = `invalid HTTP, ${code}`;
    return { class: 'unusable', code: 'unusable_answer', message, shape, mayRepeat: true };
  }
  return classify({ kind: 'network', phase, code, message: cause.message });
}

function isInvalidHttp(code: string): boolean {
  return ['HTTPParserError', 'UND_ERR_HEADERS_OVERFLOW'].includes(code) || code.startsWith('HPE_');
}

function deepestCause(error: Error): Error {
  return error.cause instanceof Error ? deepestCause(error.cause) : error;
}
