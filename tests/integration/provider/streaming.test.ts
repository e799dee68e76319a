/**
 * Streamed calls against the simulator over HTTP: their outcomes with both APIs and every fault.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Deployment } from '@kiln/shared/models/deployment';
import { spellings } from '../../../apps/simulator/src/faults/spellings.ts';
import { inspectImage } from '@kiln/shared/provider/answer/inspect-image';
import { createProvider } from '@kiln/shared/provider/provider';
import type { StoredJobRequest } from '@kiln/shared/schemas/job-request';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSimulator, type TestSimulator } from '../simulator/support.ts';
import type { CallOutcome } from '@kiln/shared/provider/call-outcome';
import { callOf, openaiDeployment } from './support.ts';

const openai: Deployment = { ...openaiDeployment, stream: { partialImages: 2 } };
const azure: Deployment = {
  ...openai,
  provider: 'azure',
  azure: { deployment: 'gpt-image-2', apiVersion: '2025-04-01-preview' },
};

interface CallOptions {
  model?: string;
  deployment?: Deployment;
  request?: Partial<StoredJobRequest>;
  callTimeoutMs?: number;
  idleMs?: number;
}

interface Called {
  outcome: CallOutcome;
  partials: { index: number; bytes: Uint8Array }[];
}

async function call(url: string, options: CallOptions = {}): Promise<Called> {
  const { deployment = openai, callTimeoutMs = 10_000, idleMs = 10_000 } = options;
  const provider = createProvider({ callTimeoutMs, streamIdleMs: idleMs });
  const partials: Called['partials'] = [];
  const outcome = await provider.call(
    { ...deployment, baseUrl: `${url}${deployment.azure === null ? '/v1' : '/openai'}` },
    callOf({
      ...(options.model !== undefined && { model: options.model }),
      request: { prompt: 'A boat', quality: 'low', ...options.request },
      onPartial: (index, bytes) => partials.push({ index, bytes }),
    }),
  );
  await provider.close();
  return { outcome, partials };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function lastCall({ ledger }: TestSimulator) {
  return (await ledger()).entries.at(-1);
}

describe.each([
  ['OpenAI', openai],
  ['Azure', azure],
])('on the face of %s', (_name, deployment) => {
  test('the image is the one in the ledger, and its partial images are paid', async () => {
    const simulator = await startSimulator({ pictures: 'full' });
    const { outcome, partials } = await call(simulator.url, { deployment });
    const entry = await lastCall(simulator);
    expect(outcome).toMatchObject({
      status: 'images',
      httpStatus: 200,
      providerRequestId: entry?.request_id,
      usage: { output_tokens: 196 + 200 },
      images: [{ format: 'png', width: 1024, height: 1024 }],
    });
    expect(outcome.usage).toEqual(entry?.usage);
    expect(entry).toMatchObject({ partial_images: 2, paid: true, n: 1 });
    const images = outcome.status === 'images' ? outcome.images : [];
    expect(images.map(({ bytes }) => sha256(bytes))).toEqual(entry?.image_sha256);

    expect(partials.map(({ index }) => index)).toEqual([0, 1]);
    const looked = await Promise.all(partials.map(({ bytes }) => inspectImage(bytes)));
    expect(looked).toEqual(
      partials.map(() => ({ status: 'ok', format: 'png', width: 1024, height: 1024 })),
    );
    expect(new Set([...partials, ...images].map(({ bytes }) => sha256(bytes))).size).toBe(3);
  });

  test('the gateway’s time limit ends a plain call, but not a streamed one', async () => {
    const simulator = await startSimulator({ latencyMs: { min: 150, max: 150 }, wallMs: 50 });
    const plain = await call(simulator.url, { deployment: { ...deployment, stream: null } });
    expect(plain.outcome).toMatchObject({ fault: { class: 'unknown', code: 'connection_lost' } });
    const streamed = await call(simulator.url, { deployment });
    expect(streamed.outcome).toMatchObject({ status: 'images' });
    expect((await simulator.ledger()).entries).toMatchObject([
      { fault: 'wall', paid: true, partial_images: null },
      { fault: null, paid: true, partial_images: 2 },
    ]);
  });
});

test('without partial images none arrives and none is paid', async () => {
  const simulator = await startSimulator();
  const { outcome, partials } = await call(simulator.url, {
    deployment: { ...openai, stream: { partialImages: 0 } },
  });
  expect(outcome).toMatchObject({ status: 'images', usage: { output_tokens: 196 } });
  expect(partials).toEqual([]);
  expect(await lastCall(simulator)).toMatchObject({ partial_images: 0 });
});

test.each<[string, Partial<StoredJobRequest>, string]>([
  ['several images', { n: 2 }, 'gpt-image-2'],
  ['gif', { output_format: 'gif' }, 'gpt-image-2.5-flare'],
  ['svg', { output_format: 'svg' }, 'gpt-image-2.5-flare'],
  [
    'svg by an option of the provider',
    { provider_options: { output_format: 'svg' } },
    'gpt-image-2.5-flare',
  ],
])('what cannot be streamed is sent without streaming: %s', async (_name, request, model) => {
  const simulator = await startSimulator();
  const { outcome } = await call(simulator.url, {
    model,
    request,
  });
  expect(outcome.status).toBe('images');
  expect(await lastCall(simulator)).toMatchObject({ partial_images: null, n: request.n ?? 1 });
});

/**
 * Class and code of the fault, and how many partial images arrived before it (null: depends on the
 * sockets).
 */
type Course = [kind: string, code: string, partials: number | null];

const courses: Record<string, Course> = {
  'server error': ['unknown', 'provider_error', 2],
  'bad gateway': ['unknown', 'provider_error', 0],
  'gateway timeout': ['unknown', 'provider_timeout', 0],
  'request timeout': ['unknown', 'provider_timeout', 2],
  'unavailable without a hint': ['unknown', 'provider_error', 0],
  hang: ['unknown', 'provider_timeout', 2],
  'slow-body': ['unknown', 'provider_timeout', 2],
  reset: ['unknown', 'connection_lost', null],
  close: ['unknown', 'connection_lost', 2],
  'cut-answer': ['unknown', 'connection_lost', 2],
  'no data': ['unusable', 'unusable_answer', 2],
  'cut base64': ['unusable', 'unusable_answer', 2],
  'page instead of JSON': ['unusable', 'unusable_answer', 0],
  'azure filter, short form': ['rejected', 'content_policy', 0],
  'azure filter, long form': ['rejected', 'content_policy', 0],
  'azure filter, snake case': ['rejected', 'content_policy', 0],
  'openai moderation': ['rejected', 'content_policy', 0],
  'unknown parameter': ['rejected', 'provider_rejected_parameters', 0],
  'azure quota': ['refused', 'rate_limited', 0],
  'azure quota, hint in milliseconds': ['refused', 'rate_limited', 0],
  'azure quota, hint in the text only': ['refused', 'rate_limited', 0],
  'quota, hint as a date': ['refused', 'rate_limited', 0],
  'azure capacity': ['refused', 'rate_limited', 0],
  'unavailable with a hint': ['refused', 'provider_unavailable', 0],
  'openai quota used up': ['refused', 'pool_paused_billing', 0],
  'openai billing limit': ['refused', 'pool_paused_billing', 0],
  'wrong key': ['refused', 'pool_paused_auth', 0],
  'deployment missing': ['refused', 'pool_paused_deployment', 0],
  'resource blocked, not the prompt': ['refused', 'pool_paused_blocked', 0],
  'content safety of a gateway': ['rejected', 'content_policy', 0],
  'filter with status 403': ['rejected', 'content_policy', 0],
  'usage guidelines': ['rejected', 'content_policy', 0],
  'policy behind a 500': ['rejected', 'content_policy', 0],
  'policy in an answer 200': ['rejected', 'content_policy', 0],
  'filter in innererror': ['rejected', 'content_policy', 0],
  'error text in an answer 200': ['rejected', 'provider_rejected_parameters', 0],
  'parameter in a FastAPI detail': ['rejected', 'provider_rejected_parameters', 0],
  'content type refused': ['rejected', 'provider_rejected_parameters', 0],
  'call quota with status 403': ['refused', 'rate_limited', 0],
  'gateway rate limit, hint in the text': ['refused', 'rate_limited', 0],
  'quota, hint of zero beside a real one': ['refused', 'rate_limited', 0],
  'page of a firewall': ['refused', 'pool_paused_auth', 0],
  'firewall, not acceptable': ['refused', 'pool_paused_deployment', 0],
  'method not allowed': ['refused', 'pool_paused_deployment', 0],
  gone: ['refused', 'pool_paused_deployment', 0],
  'media type refused': ['refused', 'pool_paused_deployment', 0],
  'legal reasons': ['refused', 'pool_paused_blocked', 0],
  'operation not supported': ['refused', 'pool_paused_deployment', 0],
  'payment required': ['refused', 'pool_paused_billing', 0],
  'model unknown': ['refused', 'model_paused', 0],
  'organisation not verified': ['refused', 'model_paused', 0],
  'provider down behind Cloudflare': ['refused', 'connection_failed', 0],
  'provider too slow behind Cloudflare': ['unknown', 'provider_error', 0],
  'address on the own origin': ['unusable', 'answered_with_address', 2],
  'address elsewhere': ['unusable', 'answered_with_address', 2],
};

/** Good answers in unusual writing: the picture is kept. */
const kept = Object.keys(spellings).filter((name) => !(name in courses));

/** `delay` is no fault; the result of `reset-before-read` depends on the sockets. See below. */
const apart = ['delay', 'reset-before-read'];

test('the table has every fault of the catalogue', async () => {
  const { control } = await startSimulator();
  const { known } = (await control('GET', '/faults')) as { known: { name: string }[] };
  expect([...Object.keys(courses), ...kept, ...apart].toSorted()).toEqual(
    known.map(({ name }) => name).toSorted(),
  );
});

test.each(Object.entries(courses))('%s on a stream is %s', async (fault, [kind, code, count]) => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault, interval_ms: 20 });
  // The deadline of the call ends the trickle; the idle deadline ends the silence.
  const { outcome, partials } = await call(simulator.url, {
    ...(fault === 'slow-body' && { callTimeoutMs: 2_000 }),
    ...(fault === 'hang' && { idleMs: 2_000 }),
  });
  expect(outcome).toMatchObject({ status: 'fault', fault: { class: kind, code } });
  if (count !== null) expect(partials).toHaveLength(count);
  const { entries } = await simulator.ledger();
  expect(entries).toMatchObject([{ fault }]);
});

test.each(kept)('%s: the picture is kept, streamed or not', async (fault) => {
  const simulator = await startSimulator();
  for (const deployment of [openai, { ...openai, stream: null }]) {
    await simulator.control('POST', '/faults', { fault });
    const { outcome } = await call(simulator.url, { deployment });
    const images = outcome.status === 'images' ? outcome.images : [];
    const entry = await lastCall(simulator);
    expect(entry).toMatchObject({ fault, paid: true });
    expect(images.map(({ bytes }) => sha256(bytes))).toEqual(entry?.image_sha256);
  }
});

test('moderation of the output keeps its stage and categories', async () => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault: 'openai moderation' });
  const { outcome } = await call(simulator.url);
  expect(outcome).toMatchObject({
    httpStatus: 200,
    fault: { moderation: { stage: 'output', categories: ['violence'] } },
  });
});

test('delay: the ordinary stream, only later', async () => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault: 'delay', delay_ms: 60 });
  expect(await call(simulator.url)).toMatchObject({
    outcome: { status: 'images' },
    partials: [{ index: 0 }, { index: 1 }],
  });
});

test('reset while the request is written: no image', async () => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault: 'reset-before-read' });
  const { outcome } = await call(simulator.url, { request: { prompt: 'x'.repeat(32_000) } });
  expect(outcome).toMatchObject({ status: 'fault', httpStatus: null });
});

describe('silence', () => {
  test('after the partial images ends the call with its own message', async () => {
    const simulator = await startSimulator({ gate: true });
    const { outcome, partials } = await call(simulator.url, { idleMs: 2_000 });
    expect(outcome).toMatchObject({
      fault: {
        class: 'unknown',
        code: 'provider_timeout',
        message: 'Nothing was heard for 2000 ms',
      },
    });
    expect(partials).toHaveLength(2);
  });

  test('before the first byte does the same', async () => {
    const url = await serve(() => undefined);
    const { outcome } = await call(url, { idleMs: 100 });
    expect(outcome).toMatchObject({
      fault: {
        class: 'unknown',
        code: 'provider_timeout',
        message: 'Nothing was heard for 100 ms',
      },
    });
  });

  test('is postponed by every byte, however long the call', async () => {
    const simulator = await startSimulator({ latencyMs: { min: 3_000, max: 3_000 } });
    const deployment = { ...openai, stream: { partialImages: 3 } };
    const { outcome } = await call(simulator.url, { deployment, idleMs: 2_000 });
    expect(outcome.status).toBe('images');
    const entry = await lastCall(simulator);
    expect(entry!.finished_at - entry!.received_at).toBeGreaterThan(2_000);
  });

  test('does not apply to a call that is not streamed', async () => {
    const simulator = await startSimulator({ latencyMs: { min: 200, max: 200 } });
    const { outcome } = await call(simulator.url, {
      deployment: { ...openai, stream: null },
      idleMs: 50,
    });
    expect(outcome.status).toBe('images');
  });
});

test('an endpoint that does not support `stream` may answer in one piece', async () => {
  const simulator = await startSimulator();
  const plain = await (await simulator.generate({ prompt: 'A boat', quality: 'low' })).text();
  const url = await serve((answer) => answer('application/json', plain));
  expect((await call(url)).outcome).toMatchObject({
    status: 'images',
    usage: { output_tokens: 196 },
  });
});

test('an error after a partial image is an executed call', async () => {
  const limit = '{"error":{"code":"rate_limit_exceeded","message":"Too many requests"}}';
  const partial =
    '{"type":"image_generation.partial_image","partial_image_index":0,"b64_json":"AAAA"}';
  const first = await serve((answer) =>
    answer('text/event-stream', `event: error\ndata: ${limit}\n\n`),
  );
  expect((await call(first)).outcome).toMatchObject({
    fault: { class: 'refused', code: 'rate_limited' },
  });
  const second = await serve((answer) =>
    answer('text/event-stream; charset=utf-8', `data: ${partial}\n\ndata: ${limit}\n\n`),
  );
  const { outcome, partials } = await call(second);
  expect(outcome).toMatchObject({
    fault: { class: 'unknown', code: 'provider_error', message: 'Too many requests' },
  });
  expect(partials).toEqual([{ index: 0, bytes: Buffer.alloc(3) }]);
});

type Answer = (contentType: string, body: string) => void;

/** A server that reads the request and then calls `handle`. */
async function serve(handle: (answer: Answer) => void): Promise<string> {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () =>
        handle(
          (contentType, body) =>
            void response.writeHead(200, { 'content-type': contentType }).end(body),
        ),
      );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
