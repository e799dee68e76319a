/**
 * Receivers that misbehave: what happens to the delivery, what its log contains, and which other
 * receivers it delays.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ask,
  createEndpoint,
  deliveriesOf,
  deliveryIs,
  onlyDelivery,
  readEndpoint,
  webhookEnv,
} from '../../integration/webhooks/support.ts';
import { engines, enginesOf } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import {
  answerStatus,
  drip,
  hang,
  startReceiver,
  type AnswerWith,
} from '../../support/network/receiver.ts';
import { freePort, temporaryFolder } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const env = { ...webhookEnv, KILN_WEBHOOK_TIMEOUT_MS: '400' };
const ended = ['job.succeeded'];

/** Submits a job and resolves with the delivery of its end. */
async function deliverEnd(kiln: TestKiln, url: string) {
  const endpoint = await createEndpoint(kiln, url, ended);
  await kiln.submit();
  return { endpoint, delivery: await onlyDelivery(kiln, endpoint.id, { tries: 1 }) };
}

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  const faults: { name: string; answer: AnswerWith; error: string; httpStatus: number | null }[] = [
    { name: 'hangs', answer: hang, error: 'timed_out', httpStatus: null },
    {
      name: 'answers 500',
      answer: answerStatus(500, {}, 'oops'),
      error: 'refused',
      httpStatus: 500,
    },
    {
      name: 'cuts the connection',
      answer: (response) => response.destroy(),
      error: 'connection_lost',
      httpStatus: null,
    },
    {
      name: 'changes the protocol',
      answer: (response) =>
        response.socket?.write(
          'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
        ),
      error: 'invalid_answer',
      httpStatus: null,
    },
    {
      name: 'answers in another protocol',
      answer: (response) => response.socket?.end('220 mail.internal ESMTP\r\n'),
      error: 'invalid_answer',
      httpStatus: null,
    },
  ];

  test('a failed delivery is logged with its error and retried until it succeeds', async () => {
    const kiln = await startKiln({ engine, env });
    for (const { name, answer, error, httpStatus } of faults) {
      const receiver = await startReceiver({ answer });
      const { endpoint, delivery } = await deliverEnd(kiln, receiver.url);
      expect({ name, ...delivery.log[0] }).toMatchObject({ name, error, http_status: httpStatus });
      expect(JSON.stringify(delivery.log)).not.toContain('mail.internal');
      receiver.answerWith(answerStatus(204));
      await deliveryIs(kiln, delivery.id, { status: 'delivered' });
      expect(new Set(receiver.heard.map(({ headers }) => headers['webhook-id']))).toEqual(
        new Set([delivery.event_id]),
      );
      await ask(kiln, 'DELETE', `/v1/webhook_endpoints/${endpoint.id}`);
    }
  });

  test('a receiver that was down gets the event when it is back', async () => {
    const [kiln, port] = await Promise.all([startKiln({ engine, env }), freePort()]);
    const { delivery } = await deliverEnd(kiln, `http://127.0.0.1:${port}/hook`);
    expect(delivery.log[0]).toMatchObject({
      error: 'connection_failed',
      http_status: null,
      answer: null,
    });
    const receiver = await startReceiver({ port });
    await deliveryIs(kiln, delivery.id, { status: 'delivered' });
    expect(receiver.heard).toHaveLength(1);
  });

  test('dead receivers delay no other one, and get two deliveries each', async () => {
    const kiln = await startKiln({ engine, env: { ...env, KILN_WEBHOOK_TIMEOUT_MS: '60000' } });
    const dead = await Promise.all(
      Array.from({ length: 4 }, () => startReceiver({ answer: hang })),
    );
    const fast = await startReceiver();
    for (const { url } of dead) await createEndpoint(kiln, url);
    await createEndpoint(kiln, fast.url, ended);
    await Promise.all(Array.from({ length: 40 }, () => kiln.submit()));
    await fast.hears(40);
    // Each dead receiver has two deliveries, and 118 more wait for it.
    await Promise.all(dead.map(({ hears }) => hears(2)));
    expect(dead.map(({ heard }) => heard.length)).toEqual([2, 2, 2, 2]);
    expect(await deliveriesOf(kiln, 'status=failed')).toEqual([]);
  });

  test('receivers that turn slow have two slots and delay no prompt receiver', async () => {
    const kiln = await startKiln({ engine, env: { ...env, KILN_WEBHOOK_TIMEOUT_MS: '60000' } });
    const slow = await Promise.all(Array.from({ length: 4 }, () => startReceiver()));
    const prompt = await startReceiver();
    for (const { url } of slow) await createEndpoint(kiln, url, ['pool.blocked']);
    await createEndpoint(kiln, prompt.url, ['pool.resumed']);
    const { pool } = kiln.deps.records;
    const writeEvents = (type: string, count: number) =>
      pool.query(
        `insert into kiln.events (project_id, type, data)
         select 'default', $1, '{"id": "x"}' from generate_series(1, $2::int)`,
        [type, count],
      );
    for (const type of ['pool.blocked', 'pool.resumed']) await writeEvents(type, 1);
    await waitFor(async () => (await deliveriesOf(kiln, 'status=delivered')).length === 5, {
      what: 'all to have answered',
    });

    const held: ServerResponse[] = [];
    for (const { answerWith } of slow) answerWith((response) => held.push(response));
    await writeEvents('pool.blocked', 60);
    // They take all slots of prompt receivers.
    await waitFor(() => held.length === 96, { what: 'the slow receivers to have all slots' });
    await writeEvents('pool.resumed', 60);
    await prompt.hears(61);
    expect(held).toHaveLength(96);

    const isYoung = `select from kiln.deliveries
      where sending_since > clock_timestamp() - interval '2 seconds'`;
    await waitFor(async () => (await pool.query(isYoung)).rowCount === 0, {
      what: 'all of them to be slow',
    });
    const answerAll = () => held.splice(0).forEach((response) => response.writeHead(204).end());
    answerAll();
    const isOut = 'select from kiln.deliveries where lease_expires_at is not null';
    await waitFor(async () => held.length === 8 && (await pool.query(isOut)).rowCount === 8, {
      what: 'two deliveries to each',
    });
    for (const { answerWith } of slow) answerWith(answerStatus(204));
    answerAll();
    for (const { hears } of slow) await hears(61);
  });
});

describe('on postgres', () => {
  const engine = engines.find(({ name }) => name === 'postgres')!;

  test('429: Retry-After delays the next try, in seconds or as a date', async () => {
    const kiln = await startKiln({ engine, env: { ...env, KILN_WEBHOOK_MINUTE_MS: '60' } });
    for (const after of [() => '1200', () => new Date(Date.now() + 1_200_000).toUTCString()]) {
      const receiver = await startReceiver();
      receiver.answerWith((response) => {
        response
          .writeHead(receiver.heard.length === 1 ? 429 : 200, { 'retry-after': after() })
          .end();
      });
      const { delivery } = await deliverEnd(kiln, receiver.url);
      await deliveryIs(kiln, delivery.id, { status: 'delivered' });
      const [first, second] = receiver.heard;
      // A minute lasts 60 ms: 1,200 s are 1.2 s; the date has whole seconds.
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_190);
      expect(receiver.heard).toHaveLength(2);
    }
  });

  test('410 disables the endpoint at once and sends others an event', async () => {
    const [kiln, gone, watcher] = await Promise.all([
      startKiln({ engine, env }),
      startReceiver({ answer: answerStatus(410) }),
      startReceiver(),
    ]);
    await createEndpoint(kiln, watcher.url, ['webhook_endpoint.disabled']);
    const { endpoint, delivery } = await deliverEnd(kiln, gone.url);
    expect(await deliveryIs(kiln, delivery.id, { status: 'failed' })).toMatchObject({
      failure: 'gone',
      tries: { made: 1 },
    });
    expect(await readEndpoint(kiln, endpoint.id)).toMatchObject({
      status: 'disabled',
      disabled_reason: 'gone',
    });
    await watcher.hears(1);
    expect(watcher.events()[0]).toMatchObject({ data: { id: endpoint.id, reason: 'gone' } });
    const job = await kiln.submit();
    await kiln.ended(job.id);
    const other = await createEndpoint(kiln, watcher.url, ended);
    await kiln.submit();
    await onlyDelivery(kiln, other.id, { status: 'delivered' });
    expect(gone.heard).toHaveLength(1);
  });

  test('answers that are endless, slow or odd count as delivered, once', async () => {
    const kiln = await startKiln({ engine, env });
    const closed: string[] = [];
    const endless = await startReceiver({
      answer: (response) => {
        response.writeHead(200).on('close', () => closed.push('endless'));
        const more = (): void => {
          while (response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
    });
    const slow = await startReceiver({
      answer: (response) => {
        response.writeHead(200).on('close', () => closed.push('slow'));
        response.write('a');
        drip(response);
      },
    });
    const silent = await startReceiver({
      answer: (response) => void response.writeHead(200).write('then nothing'),
    });
    const odd = await startReceiver({
      answer: ({ socket }) =>
        socket?.end('HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n<br />oops'),
    });
    const answers = [];
    for (const { url } of [endless, slow, silent, odd]) {
      const { endpoint, delivery } = await deliverEnd(kiln, url);
      const { log } = await deliveryIs(kiln, delivery.id, { status: 'delivered' });
      answers.push(log[0]?.answer);
      await ask(kiln, 'DELETE', `/v1/webhook_endpoints/${endpoint.id}`);
    }
    expect(answers).toEqual([
      'x'.repeat(4_096),
      expect.stringMatching(/^ab{1,999}$/),
      'then nothing',
      '',
    ]);
    expect(odd.heard).toHaveLength(1);
    await waitFor(() => closed.length === 2, { what: 'both connections to be closed' });
  });

  test('a redirect is a failed try and is not followed', async () => {
    const [kiln, trap] = await Promise.all([startKiln({ engine, env }), startReceiver()]);
    for (const status of [301, 302, 307, 308]) {
      const receiver = await startReceiver({
        answer: answerStatus(status, { location: trap.url }),
      });
      const { delivery } = await deliverEnd(kiln, receiver.url);
      expect(delivery.log[0]).toMatchObject({ error: 'redirected', http_status: status });
    }
    expect(trap.connections()).toBe(0);
  });

  test('nothing is sent over a self-signed certificate or without TLS', async () => {
    const tls = selfSigned();
    const [kiln, receiver, plain] = await Promise.all([
      startKiln({ engine, env }),
      startReceiver({ tls }),
      startReceiver(),
    ]);
    for (const url of [receiver.url, plain.url.replace('http:', 'https:')]) {
      const { delivery } = await deliverEnd(kiln, url);
      expect(delivery.log[0]).toMatchObject({
        error: 'tls_failed',
        http_status: null,
        answer: null,
      });
    }
    expect([...receiver.heard, ...plain.heard]).toEqual([]);
  });

  test('a receiver that never answers times out and delays no other one', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const [kiln, fast] = await Promise.all([startKiln({ engine, env }), startReceiver()]);
    const { port } = silent.address() as AddressInfo;
    await createEndpoint(kiln, fast.url, ended);
    const { delivery } = await deliverEnd(kiln, `https://127.0.0.1:${port}/`);
    expect(delivery.log[0]).toMatchObject({ error: 'timed_out' });
    expect(delivery.log[0]?.duration_ms).toBeLessThan(8_000);
    await fast.hears(1);
  });
});

function selfSigned(): { key: string; cert: string } {
  const folder = temporaryFolder('tls');
  onTestFinished(folder.remove);
  const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ];
  execFileSync(
    'openssl',
    [
      ...args,
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    {
      stdio: 'ignore',
    },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
