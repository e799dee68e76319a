/**
 * Kiln behind the proxies of docs/proxy.md, over TLS and below a prefix. `npm test` runs nginx with
 * a small upload; `npm run test:proxies` runs all three with 200 MB each.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Job } from '@kiln/shared/schemas/job';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../support/engines/server-process.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import {
  areAllProxiesTested,
  proxyNames,
  publicHost,
  startReverseProxy,
  type ProxyName,
} from '../../support/network/proxy-programs.ts';
import { makeTrustedCertificate } from '../../support/network/tls-front.ts';
import { waitFor } from '../../support/wait-for.ts';
import { engineNamed } from '../api/support.ts';

const isWhole = areAllProxiesTested();
const uploadBytes = isWhole ? 200_000_000 : 5_000_000;
const certificate = makeTrustedCertificate([publicHost]);

type ToEnv = (publicUrl: string) => Record<string, string>;

/** The way that the document recommends to tell Kiln its address, and another one. */
const recommended: ToEnv = (publicUrl) => ({ KILN_PUBLIC_URL: publicUrl });
const settings: [string, ToEnv][] = [
  ['KILN_PUBLIC_URL', recommended],
  ['KILN_TRUST_PROXY', () => ({ KILN_TRUST_PROXY: '127.0.0.1', KILN_ALLOWED_HOSTS: publicHost })],
];

interface Behind {
  kiln: TestKiln;
  publicUrl: string;
  ask(url: string, options?: AskOptions): Promise<IncomingMessage>;
}

interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | AsyncIterable<Buffer>;
  signal?: AbortSignal;
}

async function startBehind(name: ProxyName, toEnv: ToEnv = recommended): Promise<Behind> {
  const listen = await freePort();
  const publicUrl = `https://${publicHost}:${listen}/images`;
  const kiln = await startKiln({ engine: engineNamed('postgres'), env: toEnv(publicUrl) });
  const ports = { listen, kiln: Number(new URL(kiln.url).port) };
  const proxy = await startReverseProxy(name, ports, certificate);
  onTestFinished(proxy.close);
  const agent = new Agent({ keepAlive: true, ca: certificate.cert, servername: publicHost });
  onTestFinished(() => agent.destroy());
  return { kiln, publicUrl, ask: (url, options) => ask(url, agent, options) };
}

/** Opens an address as a client outside does, whose name server knows the public host. */
async function ask(url: string, agent: Agent, options: AskOptions = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, signal } = options;
  const { hostname, host, port, pathname, search } = new URL(url);
  expect(hostname).toBe(publicHost);
  const request = httpsRequest({
    agent,
    method,
    port,
    host: '127.0.0.1',
    path: pathname + search,
    headers: { host, ...headers },
    signal,
  });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  if (body === undefined || typeof body === 'string') request.end(body);
  else {
    for await (const piece of body) if (!request.write(piece)) await once(request, 'drain');
    request.end();
  }
  return (await answered)[0];
}

async function readJson<T>(response: IncomingMessage): Promise<T> {
  return JSON.parse((await buffer(response)).toString()) as T;
}

const json = { 'content-type': 'application/json' };

describe.each(isWhole ? proxyNames : (['nginx'] as const))('behind %s', (name) => {
  test.each(settings)('addresses open, with %s', async (_setting, toEnv) => {
    const { publicUrl, ask: askPublic } = await startBehind(name, toEnv);
    const submitted = await askPublic(`${publicUrl}/v1/jobs`, {
      method: 'POST',
      headers: { ...json, origin: new URL(publicUrl).origin, 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ prompt: 'A small boat' }),
    });
    const { id } = await readJson<Job>(submitted);
    expect(submitted.statusCode).toBe(202);
    expect(submitted.headers.location).toBe(`${publicUrl}/v1/jobs/${id}`);
    const waited = await askPublic(submitted.headers.location ?? '', {
      headers: { prefer: 'wait=60' },
    });
    const [image] = (await readJson<Job>(waited)).images;
    expect(image?.url).toBe(`${publicUrl}/v1/jobs/${id}/images/0`);
    const picture = await askPublic(image?.url ?? '');
    const hash = createHash('sha256').update(await buffer(picture));
    expect([picture.statusCode, hash.digest('hex')]).toEqual([200, image?.sha256]);
    const thumbnail = await askPublic(image?.thumbnail_url ?? '');
    expect([thumbnail.statusCode, thumbnail.headers['content-type']]).toEqual([200, 'image/webp']);
    await buffer(thumbnail);

    const redirect = await askPublic(`${publicUrl}/v1/jobs/${id}`, {
      headers: { accept: 'image/*' },
    });
    await buffer(redirect);
    expect(redirect.headers.location).toBe(image?.url);

    const foreign = await askPublic(`${publicUrl}/v1/jobs`, {
      method: 'POST',
      headers: { ...json, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      body: JSON.stringify({ prompt: 'A small boat' }),
    });
    expect(await readJson(foreign)).toMatchObject({ error: { code: 'cross_site' } });
  });

  test('the page of the documents works, and its document names the address', async () => {
    const { publicUrl, ask: askPublic } = await startBehind(name);
    for (const page of [`${publicUrl}/docs`, `${publicUrl}/docs/`]) {
      const html = (await buffer(await askPublic(page))).toString();
      const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
        ([, source = '']) => source,
      );
      expect(sources.length).toBeGreaterThan(3);
      for (const source of sources) {
        const file = await askPublic(new URL(source, page).href);
        await buffer(file);
        expect([source, file.statusCode]).toEqual([source, 200]);
      }
    }
    for (const path of ['/docs/json', '/openapi.json'])
      expect(await readJson(await askPublic(publicUrl + path))).toMatchObject({
        servers: [{ url: publicUrl }],
      });
  });

  test('output files hold addresses that open', async () => {
    const { kiln, publicUrl, ask: askPublic } = await startBehind(name);
    // Created directly at Kiln: the address of the request is not the one that callers know.
    const created = await fetch(`${kiln.url}/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'prompt\nA small boat\n',
    });
    const { id } = (await created.json()) as { id: string };
    const follower = await askPublic(`${publicUrl}/v1/batches/${id}/events`);
    await buffer(follower); // the stream ends with the batch
    const batch = await readJson<{ output_file_id: string }>(
      await askPublic(`${publicUrl}/v1/batches/${id}`),
    );
    const lines = await buffer(
      await askPublic(`${publicUrl}/v1/files/${batch.output_file_id}/content`),
    );
    const url = /"url":"([^"]+)"/.exec(lines.toString())?.[1] ?? '';
    const picture = await askPublic(url);
    await buffer(picture);
    expect([url.startsWith(publicUrl), picture.statusCode]).toEqual([true, 200]);
  });

  test('the job of a client that hangs up is cancelled', async () => {
    const { kiln, publicUrl, ask: askPublic } = await startBehind(name);
    await kiln.request('/v1/pools/default/pause', { method: 'POST' });
    const client = new AbortController();
    const answer = askPublic(`${publicUrl}/v1/images/generations`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ prompt: 'A small boat' }),
      signal: client.signal,
    });
    const [job] = await waitFor(
      async () => {
        const { data } = (await (await kiln.request('/v1/jobs')).json()) as { data: Job[] };
        return data.length === 1 && data;
      },
      { what: 'the job to be accepted' },
    );
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(await kiln.ended(job?.id ?? '', ['cancelled'])).toMatchObject({
      attempts: { made: 0 },
    });
  });

  test(`events and an upload of ${uploadBytes / 1e6} MB arrive while they are sent`, async () => {
    const { kiln, publicUrl, ask: askPublic } = await startBehind(name);
    const stream = await askPublic(`${publicUrl}/v1/events`);
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream/);
    const job = await kiln.submit();
    let heard = '';
    for await (const piece of stream as AsyncIterable<Buffer>) {
      heard += piece.toString();
      if (heard.includes('job.succeeded')) break; // the stream itself does not end
    }
    expect(heard).toContain(job.id);

    const upload = await askPublic(`${publicUrl}/v1/files`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=edge' },
      body: formOf(uploadBytes),
    });
    expect(await readJson(upload)).toMatchObject({ object: 'file', bytes: uploadBytes });
  });
});

/** A form without a length, as browsers send it over HTTP/2. */
async function* formOf(bytes: number): AsyncGenerator<Buffer> {
  const file = 'content-disposition: form-data; name="file"; filename="a.jsonl"';
  const purpose = 'content-disposition: form-data; name="purpose"\r\n\r\nbatch';
  yield Buffer.from(`--edge\r\n${purpose}\r\n--edge\r\n${file}\r\n\r\n`);
  const piece = Buffer.alloc(100_000, '\n');
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
  yield Buffer.from('\r\n--edge--\r\n');
}
