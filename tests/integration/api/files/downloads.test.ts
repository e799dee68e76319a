/** Clients of downloads that read nothing: they are cut off, and keep no other request waiting. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { nextTurn } from '../../../support/wait-for.ts';
import { field, filePart, upload } from '../form.ts';
import { engineNamed } from '../support.ts';

/** More than the network buffers of a connection hold. */
const size = 40_000_000;
const env = { KILN_DOWNLOAD_STALL_MS: '500', KILN_DOWNLOADS: '1' };
const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false, env });
const batch = field('purpose', 'batch');
const large = await upload(kiln, [batch, filePart(Buffer.alloc(size, 0x61))]);
const small = await upload(kiln, [batch, filePart('rows')]);

/** Begins a download, and reads nothing after its first bytes. */
async function stall({ url }: TestKiln, path: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  await once(socket, 'data');
  socket.pause();
  return socket;
}

const content = (id: string) => `/v1/files/${id}/content`;

test('a client that accepts nothing is cut off, and its turn goes to the next', async () => {
  for (const _time of [1, 2, 3]) {
    const stalled = await stall(kiln, content(large.id));
    // The other routes do not wait for a turn.
    expect((await kiln.submit()).status).toBe('queued');
    // This download waits until the stalled one is cut off.
    expect(await (await kiln.request(content(small.id))).text()).toBe('rows');
    const closed = once(stalled, 'close');
    stalled.resume();
    await closed;
    expect(stalled.bytesRead).toBeLessThan(size);
  }
});

test('a slow client gets the whole file', async () => {
  const response = await kiln.request(content(large.id));
  let received = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    received += chunk.length;
    if (received % 7 === 0) for (let turns = 0; turns < 20; turns += 1) await nextTurn();
  }
  expect(received).toBe(size);
});
