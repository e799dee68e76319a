/**
 * The `standardwebhooks` package and the official SDK's `webhooks.unwrap` accept Kiln's webhooks,
 * also while a secret is rotated, and refuse forged ones. Against replays both check only the age
 * of the timestamp (five minutes); within that time the receiver checks `webhook-id`.
 */
import { Webhook } from 'standardwebhooks';
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EndpointWithSecret } from '@kiln/shared/schemas/webhook';
import { ask, createEndpoint, deliveryIs, webhookEnv } from '../integration/webhooks/support.ts';
import { engineNamed } from '../integration/api/support.ts';
import { startKiln, type TestKiln } from '../support/kiln.ts';
import { startReceiver, type Heard, type Receiver } from '../support/network/receiver.ts';

type Verify = (body: string, headers: Record<string, string>, secret: string) => Promise<unknown>;

const openai = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:9/v1' });
const libraries: { name: string; verify: Verify }[] = [
  {
    name: 'standardwebhooks',
    verify: async (body, headers, secret) => new Webhook(secret).verify(body, headers),
  },
  {
    name: 'openai.webhooks.unwrap',
    verify: (body, headers, secret) => openai.webhooks.unwrap(body, headers, secret),
  },
];

let kiln: TestKiln;
let receiver: Receiver;
let before: EndpointWithSecret;
let rotated: EndpointWithSecret;
/** The delivery whose response was lost and which was sent again. */
let lost: EndpointWithSecret;
/** Deliveries before and after the rotation. */
let first: Heard;
let second: Heard;

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres'), env: webhookEnv });
  receiver = await startReceiver();
  before = await createEndpoint(kiln, receiver.url, ['job.succeeded']);
  await ask(kiln, 'POST', `/v1/webhook_endpoints/${before.id}/test`);
  await receiver.hears(1);
  lost = await ask(kiln, 'POST', `/v1/webhook_endpoints/${before.id}/rotate`);
  rotated = await ask(kiln, 'POST', `/v1/webhook_endpoints/${before.id}/rotate`);
  await kiln.submit({ prompt: '朝霧の中の小舟' });
  await receiver.hears(2);
  [first, second] = receiver.heard as [Heard, Heard];
});

describe.each(libraries)('$name', ({ verify }) => {
  const headersOf = (
    { headers }: Heard,
    changes: Record<string, string> = {},
  ): Record<string, string> => ({
    ...(headers as Record<string, string>),
    ...changes,
  });

  test('verifies a delivery and reads the event', async () => {
    expect(await verify(first.body, headersOf(first), before.secret)).toMatchObject({
      object: 'event',
      type: 'webhook_endpoint.test',
      data: { id: before.id },
    });
  });

  test('verifies with both secrets during a rotation, and older ones with the old', async () => {
    expect(new Set([before, lost, rotated].map(({ secret }) => secret)).size).toBe(3);
    for (const { secret } of [before, lost, rotated])
      expect(await verify(second.body, headersOf(second), secret)).toMatchObject({
        type: 'job.succeeded',
      });
    await expect(verify(first.body, headersOf(first), rotated.secret)).rejects.toThrow();
  });

  test('refuses a changed body, id, timestamp or signature', async () => {
    const { body, headers } = second;
    const changed = [
      verify(body.replace('succeeded', 'succeedee'), headersOf(second), rotated.secret),
      verify(
        body,
        headersOf(second, { 'webhook-id': `${headers['webhook-id'] as string}0` }),
        rotated.secret,
      ),
      verify(
        body,
        headersOf(second, {
          'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1),
        }),
        rotated.secret,
      ),
      verify(
        body,
        headersOf(second, { 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` }),
        rotated.secret,
      ),
    ];
    for (const result of await Promise.allSettled(changed)) expect(result.status).toBe('rejected');
  });

  test('refuses a timestamp more than five minutes off, and so an old replay', async () => {
    for (const offset of [-301, 301]) {
      const timestamp = new Date((Math.floor(Date.now() / 1_000) + offset) * 1_000);
      const id = second.headers['webhook-id'] as string;
      const changes = {
        'webhook-timestamp': String(timestamp.getTime() / 1_000),
        'webhook-signature': new Webhook(rotated.secret).sign(id, timestamp, second.body),
      };
      await expect(verify(second.body, headersOf(second, changes), rotated.secret)).rejects.toThrow(
        /old|new/,
      );
    }
  });
});

test('a replay within five minutes has the webhook-id of the other attempts', async () => {
  const [delivery] = (
    await ask<{ data: { id: string }[] }>(
      kiln,
      'GET',
      `/v1/deliveries?endpoint_id=${before.id}&limit=1`,
    )
  ).data;
  // A delivery that is being sent is not sent again.
  await deliveryIs(kiln, delivery?.id ?? '', { status: 'delivered' });
  await ask(kiln, 'POST', `/v1/deliveries/${delivery?.id}/redeliver`);
  await receiver.hears(3);
  const ids = receiver.heard.map(({ headers }) => headers['webhook-id']);
  expect(ids[2]).toBe(ids[1]);
  expect(ids[1]).not.toBe(ids[0]);
});
