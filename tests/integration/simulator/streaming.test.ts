/**
 * Streamed generations as the official SDK reads them, on both faces; faults on a stream, and the
 * gateway timeout of calls that are not streamed.
 */
import { createHash } from 'node:crypto';
import OpenAI, { AzureOpenAI } from 'openai';
import type { ImageGenStreamEvent } from 'openai/resources/images';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImages, readImages, startSimulator, type TestSimulator } from './support.ts';

const faces = {
  openai: ({ url }: TestSimulator) => ({
    client: new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 }),
    named: { model: 'gpt-image-2' },
  }),
  azure: ({ url }: TestSimulator) => ({
    client: new AzureOpenAI({
      apiKey: 'key',
      endpoint: url,
      apiVersion: '2025-04-01-preview',
      deployment: 'gpt-image-2',
      maxRetries: 0,
    }),
    named: {},
  }),
};

type Face = keyof typeof faces;

/** The events that the SDK reads from a stream, and its end. */
interface Streamed {
  events: ImageGenStreamEvent[];
  error: unknown;
}

interface StreamOptions {
  face?: Face;
  partials?: number;
  body?: object;
  onEvent?: (event: ImageGenStreamEvent) => void;
}

async function stream(simulator: TestSimulator, options: StreamOptions = {}): Promise<Streamed> {
  const { face = 'openai', partials = 2, body = {}, onEvent } = options;
  const { client, named } = faces[face](simulator);
  const events: ImageGenStreamEvent[] = [];
  try {
    const parameters = { ...named, prompt: 'a fox', quality: 'low' as const, ...body };
    const answer = await client.images.generate({
      ...parameters,
      stream: true,
      partial_images: partials,
    });
    for await (const event of answer) {
      events.push(event);
      onEvent?.(event);
    }
    return { events, error: null };
  } catch (error) {
    return { events, error };
  }
}

const bytesOf = (event: ImageGenStreamEvent | undefined) =>
  Buffer.from(event?.b64_json ?? '', 'base64');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const typesOf = ({ events }: Streamed) =>
  events.map(({ type }) => type.replace('image_generation.', ''));

test.each(['openai', 'azure'] as const)('the %s client receives a whole stream', async (face) => {
  const simulator = await startSimulator({ pictures: 'full' });
  const streamed = await stream(simulator, { face, partials: 3 });
  expect(streamed.error).toBeNull();
  expect(typesOf(streamed)).toEqual([
    'partial_image',
    'partial_image',
    'partial_image',
    'completed',
  ]);
  const described = {
    size: '1024x1024',
    quality: 'low',
    background: 'opaque',
    output_format: 'png',
  };
  expect(streamed.events.map(({ b64_json: _base64, created_at: _now, ...rest }) => rest)).toEqual([
    ...[0, 1, 2].map((index) => ({
      type: 'image_generation.partial_image',
      ...described,
      partial_image_index: index,
    })),
    {
      type: 'image_generation.completed',
      ...described,
      usage: {
        input_tokens: 2,
        output_tokens: 196 + 300,
        total_tokens: 498,
        input_tokens_details: { text_tokens: 2, image_tokens: 0 },
        output_tokens_details: { image_tokens: 496, text_tokens: 0 },
      },
    },
  ]);

  const pictures = await Promise.all(
    streamed.events.map((event) => sharp(bytesOf(event)).metadata()),
  );
  expect(pictures.map(({ format, width, height }) => [format, width, height])).toEqual(
    pictures.map(() => ['png', 1024, 1024]),
  );
  const { entries } = await simulator.ledger();
  expect(entries).toMatchObject([
    { partial_images: 3, status: 200, paid: true, images: 1, usage: { output_tokens: 496 } },
  ]);
  expect(entries[0]?.image_sha256).toEqual([sha256(bytesOf(streamed.events.at(-1)))]);
});

test('each partial image is closer to the picture of the same call without streaming', async () => {
  const simulator = await startSimulator({ pictures: 'full' });
  const { events } = await stream(simulator, { partials: 3 });
  const [whole] = decodeImages(
    await readImages(await simulator.generate({ prompt: 'a fox', quality: 'low' })),
  );
  expect(bytesOf(events.at(-1)).equals(whole ?? Buffer.alloc(0))).toBe(true);
  const target = await sharp(whole).raw().toBuffer();
  const distances = await Promise.all(
    events.map(async (event) => {
      const pixels = await sharp(bytesOf(event)).raw().toBuffer();
      return pixels.reduce((sum, value, index) => sum + Math.abs(value - (target[index] ?? 0)), 0);
    }),
  );
  expect(distances).toEqual(distances.toSorted((one, other) => other - one));
  expect(new Set(distances).size).toBe(4);
  expect(distances.at(-1)).toBe(0);
});

test('a stream has named events, one data line each, and no [DONE] at the end', async () => {
  const { generate } = await startSimulator();
  const response = await generate({ prompt: 'a fox', stream: true, partial_images: 1 });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  const text = (await response.text()).replaceAll(/"b64_json":"[^"]+"/g, '"b64_json":"…"');
  expect(text.replaceAll(/"created_at":\d+/g, '"created_at":0')).toMatch(
    /^event: image_generation\.partial_image\ndata: \{"type":"image_generation\.partial_image","b64_json":"…","created_at":0,"size":"1024x1024","quality":"medium","background":"opaque","output_format":"png","partial_image_index":0\}\n\nevent: image_generation\.completed\ndata: \{"type":"image_generation\.completed","b64_json":"…",.*"usage":\{.*\}\}\n\n$/,
  );
});

test('a stream without partial images is one event', async () => {
  const simulator = await startSimulator();
  const streamed = await stream(simulator, { partials: 0 });
  expect(typesOf(streamed)).toEqual(['completed']);
  expect(streamed.events[0]).toMatchObject({ usage: { output_tokens: 196 } });
  expect((await simulator.ledger()).entries).toMatchObject([{ partial_images: 0 }]);
});

test('partial images come while the call is still under way', async () => {
  const simulator = await startSimulator({ gate: true });
  const inFlight: unknown[] = [];
  const streamed = await stream(simulator, {
    async onEvent({ type }) {
      if (type === 'image_generation.completed') return;
      inFlight.push((await simulator.ledger()).counters['in_flight']);
      if (inFlight.length === 2) await simulator.control('POST', '/release');
    },
  });
  expect(typesOf(streamed)).toEqual(['partial_image', 'partial_image', 'completed']);
  expect(inFlight).toEqual([1, 1]);
});

test.each([
  ['server error', 'error', { code: 'InternalServerError' }, true],
  ['request timeout', 'error', { code: 'Timeout' }, true],
  ['openai moderation', 'error', { code: 'moderation_blocked' }, false],
  ['wrong key', 'status', { status: 401 }, false],
  ['azure quota', 'status', { status: 429 }, false],
  ['azure filter, long form', 'status', { status: 400, code: 'content_policy_violation' }, false],
  ['gateway timeout', 'status', { status: 504 }, true],
  ['unavailable without a hint', 'status', { status: 503 }, false],
] as const)('%s: sent as an HTTP answer or an event (%s)', async (fault, kind, expected, paid) => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault });
  const streamed = await stream(simulator);
  expect(streamed.error).toMatchObject(expected);
  // A fault that strikes when the model has worked comes after the partial images.
  expect(typesOf(streamed)).toEqual(
    kind === 'error' && paid ? ['partial_image', 'partial_image'] : [],
  );
  const status = kind === 'error' ? 200 : 'status' in expected && expected.status;
  expect((await simulator.ledger()).entries).toMatchObject([{ fault, paid, status }]);
});

test.each([
  ['no data', undefined],
  ['cut base64', 'iVBORw0KGgoAAAANSUhEUgAAB'],
])('%s: a completed event without a usable image', async (fault, base64) => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault });
  const streamed = await stream(simulator);
  expect(typesOf(streamed)).toEqual(['partial_image', 'partial_image', 'completed']);
  expect(streamed.events.at(-1)?.b64_json).toBe(base64);
});

test('cut-answer: the stream ends properly after its partial images', async () => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault: 'cut-answer' });
  const streamed = await stream(simulator);
  expect(streamed.error).toBeNull();
  expect(typesOf(streamed)).toEqual(['partial_image', 'partial_image']);
  expect((await simulator.ledger()).entries).toMatchObject([
    { paid: true, status: 200, image_sha256: [] },
  ]);
});

test.each(['reset', 'close'])(
  '%s: the connection breaks after the partial images',
  async (fault) => {
    const simulator = await startSimulator();
    await simulator.control('POST', '/faults', { fault });
    const streamed = await stream(simulator);
    expect(streamed.error).toHaveProperty('message', 'terminated');
    // An RST may overtake bytes sent before it.
    expect(streamed.events.length).toBeLessThanOrEqual(2);
    expect((await simulator.ledger()).entries).toMatchObject([{ fault, paid: true, status: 200 }]);
  },
);

test.each([
  ['hang', 2],
  ['slow-body', 2],
])('%s: partial images come, and no result after them', async (fault, count) => {
  const simulator = await startSimulator();
  await simulator.control('POST', '/faults', { fault });
  const response = await simulator.generate({
    prompt: 'a fox',
    stream: true,
    partial_images: count,
  });
  const reader = response.body?.getReader();
  let seen = '';
  while ((seen.match(/partial_image_index/g) ?? []).length < count)
    seen += Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(await simulator.ledger('?min_finished=1&wait_ms=250000')).toMatchObject({
    reached: true,
    entries: [{ fault, paid: true }],
  });
  expect(seen).not.toContain('image_generation.completed');
  await reader?.cancel();
});

test('the gateway timeout cuts and bills a call unless it is streamed', async () => {
  const simulator = await startSimulator({ latencyMs: { min: 60_000, max: 60_000 }, wallMs: 40 });
  const plain = await simulator.generate({ prompt: 'a fox' }).catch((error: unknown) => error);
  expect(plain).toHaveProperty('cause.code', 'UND_ERR_SOCKET');
  await simulator.control('PATCH', '/settings', { latency_ms: '120' });
  expect(typesOf(await stream(simulator))).toEqual(['partial_image', 'partial_image', 'completed']);
  const { entries } = await simulator.ledger();
  expect(entries).toMatchObject([
    { fault: 'wall', status: null, paid: true, images: 1, image_sha256: [] },
    { fault: null, status: 200, paid: true },
  ]);
  expect((entries[0]?.finished_at ?? 0) - (entries[0]?.received_at ?? 0)).toBeLessThan(60_000);

  await simulator.control('PATCH', '/settings', { wall_ms: 120_000 });
  expect((await simulator.generate({ prompt: 'a fox' })).status).toBe(200);
});
