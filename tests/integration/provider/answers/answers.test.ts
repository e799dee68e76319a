/**
 * Answers in every writing, over real sockets: a picture that came whole is kept, with one call.
 * The official SDK is the yardstick: what it reads, Kiln reads.
 */
import type { Deployment } from '@kiln/shared/models/deployment';
import type { CallOutcome } from '@kiln/shared/provider/call-outcome';
import { createProvider } from '@kiln/shared/provider/provider';
import fc from 'fast-check';
import { OpenAI } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { paint } from '../../../support/pictures/pictures.ts';
import { composedAnswers, type Composed } from './compose-answers.ts';
import { startWireServer, type WireAnswer, type WireServer } from './wire-server.ts';
import { callOf, openaiDeployment } from '../support.ts';

const provider = createProvider({ callTimeoutMs: 20_000, streamIdleMs: 20_000 });
atEndOfFile(() => provider.close());
let wire: WireServer;
let pictures: Buffer[];

beforeAll(async () => {
  wire = await startWireServer();
  pictures = [
    await paint({ width: 3, height: 2 }).png().toBuffer(),
    await paint({ width: 2, height: 3 }).jpeg().toBuffer(),
    await paint({ width: 5, height: 2, alpha: 0.5 }).webp().toBuffer(),
  ];
});

async function callKiln(
  answer: WireAnswer,
  options: { isStream?: boolean; wanted?: number; more?: Partial<Deployment> } = {},
): Promise<CallOutcome & { calls: number }> {
  const { isStream = false, wanted = 1, more = {} } = options;
  wire.answer = answer;
  const before = wire.requests;
  const outcome = await provider.call(
    {
      ...openaiDeployment,
      stream: isStream ? { partialImages: 2 } : null,
      baseUrl: wire.url,
      ...more,
    },
    callOf({ request: { prompt: 'A boat', n: wanted } }),
  );
  return { ...outcome, calls: wire.requests - before };
}

function bytesOf(outcome: CallOutcome): Buffer[] {
  return outcome.status === 'images' ? outcome.images.map(({ bytes }) => Buffer.from(bytes)) : [];
}

/** The pictures that a user of the official SDK gets out of the answer. */
async function readWithSdk(answer: WireAnswer, isStream: boolean): Promise<Buffer[]> {
  wire.answer = answer;
  const client = new OpenAI({ apiKey: 'key', baseURL: wire.url, maxRetries: 0, logLevel: 'off' });
  const parameters = { model: 'gpt-image-2', prompt: 'A boat' };
  const read: string[] = [];
  try {
    if (isStream) {
      const events = await client.images.generate({ ...parameters, stream: true });
      for await (const event of events)
        if (event.type === 'image_generation.completed') read.push(event.b64_json);
    } else {
      const { data = [] } = await client.images.generate(parameters);
      read.push(...data.flatMap((entry) => entry?.b64_json ?? []));
    }
  } catch {
    // What came before the error counts.
  }
  const known = new Set(pictures.map((picture) => picture.toString('base64')));
  return read
    .map((text) => Buffer.from(text, 'base64'))
    .filter((bytes) => known.has(bytes.toString('base64')));
}

async function expectKept({ wire: answer, isStream, wanted, pictures: sent, isCut }: Composed) {
  const outcome = await callKiln(answer, { isStream, wanted });
  const kept = bytesOf(outcome);
  expect(outcome.calls).toBe(1);
  if (!isCut) expect(kept).toEqual(sent);
  // Nothing but the pictures that were sent, in their order.
  expect(kept).toEqual(sent.slice(0, kept.length));
  expect(JSON.stringify(outcome)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
  if (outcome.status === 'images')
    expect(outcome.warnings.map(({ code }) => code)).toEqual(
      kept.length < wanted ? ['fewer_n'] : [],
    );
  const bySdk = await readWithSdk(answer, isStream);
  expect(kept.length).toBeGreaterThanOrEqual(bySdk.length);
  return bySdk.length > 0;
}

describe('a picture in any writing is kept with one call, and the SDK reads no more', () => {
  const random = Math.floor(Math.random() * 2 ** 31);
  test.each([
    ['a fixed seed', 20_261_130, 15],
    [`seed ${random}`, random, 0],
  ])('%s', async (_name, seed, fewest) => {
    let readBySdk = 0;
    await fc.assert(
      fc.asyncProperty(composedAnswers(pictures), async (composed) => {
        if (await expectKept(composed)) readBySdk += 1;
      }),
      { seed, numRuns: 150 },
    );
    // The yardstick measures something: the SDK reads about every seventh of these answers.
    expect(readBySdk).toBeGreaterThan(fewest);
  });
});

/** The bytes of an answer with a `content-length` of the whole body. */
function toWire(body: string | Buffer, head: readonly string[] = []): Buffer {
  const lines = ['HTTP/1.1 200 OK', ...head, `content-length: ${Buffer.byteLength(body)}`, '', ''];
  return Buffer.concat([Buffer.from(lines.join('\r\n')), Buffer.from(body)]);
}

const closing = (bytes: Buffer): WireAnswer => ({ bytes, pieces: [], ending: 'close' });

function jsonOf(...data: unknown[]): string {
  return JSON.stringify({ created: 1, data, usage: { output_tokens: 196 } });
}

function eventOf(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const base64 = (index = 0) => pictures[index]?.toString('base64');

describe('an answer that is cut at any byte behind its picture keeps it', () => {
  const bodies: [name: string, isStream: boolean, write: () => string][] = [
    ['JSON', false, () => jsonOf({ b64_json: base64(), revised_prompt: 'a "boat"' })],
    ['a stream', true, () => eventOf('image_generation.completed', { b64_json: base64(), n: 1 })],
  ];

  test.each(bodies)('%s', async (_name, isStream, write) => {
    const whole = toWire(write());
    const pictureEnd = whole.indexOf(`${base64()}"`) + String(base64()).length + 1;
    for (let length = pictureEnd; length <= whole.length; length += 1) {
      const outcome = await callKiln(closing(whole.subarray(0, length)), { isStream });
      expect(bytesOf(outcome), `${length} of ${whole.length} bytes`).toEqual([pictures[0]]);
    }
    const before = await callKiln(closing(whole.subarray(0, pictureEnd - 1)), { isStream });
    expect(before).toMatchObject({ status: 'fault', fault: { class: 'unknown' }, calls: 1 });
  });

  test.each(bodies)('%s in two pieces, apart at any byte', async (_name, isStream, write) => {
    const bytes = toWire(write(), ['content-type: application/json']);
    for (let length = 1; length < bytes.length; length += 1) {
      const answer: WireAnswer = { bytes, pieces: [length, bytes.length], ending: 'close' };
      const outcome = await callKiln(answer, { isStream });
      expect(bytesOf(outcome), `${length} of ${bytes.length} bytes`).toEqual([pictures[0]]);
    }
  });
});

describe('other writings that hold a picture', () => {
  const writings: [name: string, write: () => string | Buffer, wanted?: number][] = [
    ['one object instead of a list', () => JSON.stringify({ data: { b64_json: base64() } })],
    ['the picture beside the other fields', () => JSON.stringify({ b64_json: base64(), id: 1 })],
    ['a list at the top', () => JSON.stringify([{ b64_json: base64() }])],
    ['an address with data:', () => jsonOf({ url: `data:image/png;base64,${base64()}` })],
    [
      'a value of null and an address with data:',
      () => jsonOf({ b64_json: null, url: `data:image/png;base64,${base64()}` }),
    ],
    [
      'an event stream that was not asked for',
      () =>
        eventOf('image_generation.partial_image', { b64_json: base64(1), partial_image_index: 0 }) +
        eventOf('image_generation.completed', { b64_json: base64() }),
    ],
    ['an ordinary answer as an event', () => `data: ${jsonOf({ b64_json: base64() })}\n\n`],
    ['an event without a type', () => `data: {"b64_json":"${base64()}"}\n\n`],
    [
      'one event a line, without fields',
      () =>
        [
          { type: 'image_edit.partial_image', b64_json: base64(1), partial_image_index: 0 },
          { type: 'image_edit.completed', b64_json: base64() },
        ]
          .map((event) => JSON.stringify(event))
          .join('\n'),
    ],
  ];

  test.each(writings)('%s', async (_name, write) => {
    const outcome = await callKiln(closing(toWire(write())));
    expect(bytesOf(outcome)).toEqual([pictures[0]]);
    expect(outcome.calls).toBe(1);
  });

  test('several pictures in events of their own', async () => {
    const body = [0, 1, 2].map((index) =>
      eventOf('image_generation.completed', { b64_json: base64(index) }),
    );
    const outcome = await callKiln(closing(toWire(body.join(''))), { wanted: 3 });
    expect(bytesOf(outcome)).toEqual(pictures);
  });

  test('a picture with another status than 200', async () => {
    const bytes = toWire(jsonOf({ b64_json: base64() })).toString('latin1');
    const answer = closing(Buffer.from(bytes.replace('200 OK', '500 Oops'), 'latin1'));
    expect(bytesOf(await callKiln(answer))).toEqual([pictures[0]]);
  });

  test.each([
    ['HTTP/1.0 until the connection closes', 'HTTP/1.0 200 OK\r\n\r\n'],
    ['a transfer encoding of identity', 'HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\n'],
    ['a hint before it', 'HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ])('%s', async (_name, head) => {
    const bytes = Buffer.from(head + jsonOf({ b64_json: base64() }));
    expect(bytesOf(await callKiln(closing(bytes)))).toEqual([pictures[0]]);
  });

  test.each([
    ['whole JSON, and a connection that stays open', false],
    ['a completed event, and a connection that stays open', true],
  ])('%s', async (_name, isStream) => {
    const body = isStream
      ? eventOf('image_generation.completed', { b64_json: base64() })
      : jsonOf({ b64_json: base64() });
    const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n\r\n${body}`);
    const outcome = await callKiln({ bytes, pieces: [], ending: 'keep' }, { isStream });
    expect(bytesOf(outcome)).toEqual([pictures[0]]);
  });
});

describe('what is missing is said', () => {
  test('with the errors of the entries', async () => {
    const error = { code: 'contentFilter', message: 'this one was \0filtered' };
    const body = jsonOf({ b64_json: base64() }, { error }, { b64_json: 'AAAA' }, null);
    expect(await callKiln(closing(toWire(body)), { wanted: 4 })).toMatchObject({
      images: [{ format: 'png' }],
      warnings: [
        {
          code: 'fewer_n',
          message:
            'The provider returned 1 of 4 images; image 1: contentFilter: this one was filtered; ' +
            'image 2: the bytes are not a picture; image 3: it has neither b64_json nor url',
        },
      ],
    });
  });

  test('when all entries are errors, the first one is the error of the job', async () => {
    const error = { code: 'contentFilter', message: 'filtered' };
    expect(
      await callKiln(closing(toWire(jsonOf({ error }, { error }))), { wanted: 2 }),
    ).toMatchObject({
      fault: { class: 'rejected', code: 'content_policy', message: 'filtered' },
      calls: 1,
    });
  });
});

test('an error in an untrue encoding keeps its words', async () => {
  const body = JSON.stringify({ error: { code: 'contentFilter', message: 'refused' } });
  const bytes = toWire(body, ['content-encoding: gzip']).toString('latin1');
  const answer = closing(Buffer.from(bytes.replace('200 OK', '400 No'), 'latin1'));
  expect(await callKiln(answer)).toMatchObject({
    fault: { class: 'rejected', code: 'content_policy', message: 'refused' },
    calls: 1,
  });
});

test('a deployment may ask for base64, and every call asks for no encoding', async () => {
  await callKiln(closing(toWire(jsonOf({ b64_json: base64() }))), {
    more: { responseFormat: 'b64_json' },
  });
  expect(wire.lastRequest).toMatch(/"response_format":"b64_json"/);
  expect(wire.lastRequest).toMatch(/\r\naccept-encoding: identity\r\n/i);
});

describe('answers that hold no picture', () => {
  const cases: [name: string, write: () => Buffer, fault: object][] = [
    [
      'headers of more than 64 KiB',
      () => toWire(jsonOf({ b64_json: base64() }), [`x-padding: ${'y'.repeat(66_000)}`]),
      { class: 'unusable', shape: 'invalid HTTP, UND_ERR_HEADERS_OVERFLOW' },
    ],
    ['no HTTP', () => Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), { class: 'unusable' }],
    ['an empty body', () => toWire(''), { class: 'unusable', shape: 'is not JSON' }],
    [
      'JSON nested without end',
      () => toWire(`{"data":${'['.repeat(200_000)}`),
      { class: 'unusable', shape: 'is not JSON' },
    ],
    [
      'an address that may not be fetched',
      () => toWire(jsonOf({ url: 'https://example.com/a.png' })),
      { class: 'unusable', code: 'answered_with_address', mayRepeat: false },
    ],
    [
      'gzip that holds something else',
      () => toWire(Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(40, 7)])),
      { class: 'unusable' },
    ],
  ];

  test.each(cases)('%s', async (_name, write, fault) => {
    expect(await callKiln(closing(write()))).toMatchObject({ status: 'fault', fault, calls: 1 });
  });

  test('a usage longer than any real one is dropped', async () => {
    const usage = { note: 'x'.repeat(20_000) };
    const body = JSON.stringify({ data: [{ b64_json: base64() }], usage });
    expect(await callKiln(closing(toWire(body)))).toMatchObject({ status: 'images', usage: null });
  });

  test('headers of 64 KiB are read', async () => {
    const padding = 65_536 - 'content-length200'.length - 'x-padding'.length - 10;
    const bytes = toWire(jsonOf({ b64_json: base64() }), [`x-padding: ${'y'.repeat(padding)}`]);
    expect(bytesOf(await callKiln(closing(bytes)))).toEqual([pictures[0]]);
  });
});
