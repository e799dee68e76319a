/**
 * Many clients that send most of a body and then wait: what a process keeps of all of them together
 * has a limit, for bodies of any size and for the texts of forms.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { boundary, field, toBody } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const { hostname, port } = new URL(kiln.url);
const clients: Socket[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function send(path: string, ...headers: string[]): Socket {
  const client = connect(Number(port), hostname);
  clients.push(client);
  client.write([`POST ${path} HTTP/1.1`, `host: ${hostname}`, ...headers, '', ''].join('\r\n'));
  return client;
}

const ask = (bytes: number) =>
  kiln
    .request('/v1/images/generations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nothing: 'x'.repeat(bytes) }),
    })
    .then(readError);

const askForm = (bytes: number) =>
  kiln
    .request('/v1/images/edits', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: toBody([field('prompt', 'x'.repeat(bytes))]),
    })
    .then(readError);

test('bodies of up to a megabyte are counted together', async () => {
  for (let each = 0; each < 65; each += 1) {
    const client = send(
      '/v1/images/generations',
      'content-type: application/json',
      'content-length: 1048576',
      'expect: 100-continue',
    );
    await once(client, 'data'); // the server waits for its body
  }
  expect(await ask(1_000_000)).toMatchObject({ status: 503, code: 'large_bodies_busy' });
  // Nearly all requests are as short as this.
  expect(await ask(10_000)).toMatchObject({ status: 400 });
  for (const client of clients.splice(0)) client.destroy();
  await waitFor(async () => (await ask(1_000_000)).status === 400, { what: 'free bytes' });
});

test('texts of forms that do not end are counted together', async () => {
  // With these, 66 forms take all but 64 bytes of the limit.
  const texts = toBody(
    ['a', 'b', 'c', 'd'].map((name) => field(name, 'x'.repeat(258_296))),
    false,
  );
  for (let each = 0; each < 66; each += 1)
    send(
      '/v1/images/edits',
      `content-type: multipart/form-data; boundary=${boundary}`,
      'content-length: 9999999',
    ).write(texts);
  await waitFor(async () => (await askForm(30_000)).code === 'large_bodies_busy', {
    what: 'the texts to arrive',
  });
  expect(await askForm(10_000)).toMatchObject({ status: 400, param: 'image' });
  for (const client of clients.splice(0)) client.destroy();
  await waitFor(async () => (await askForm(30_000)).status === 400, { what: 'free bytes' });
});
