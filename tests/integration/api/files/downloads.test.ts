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
const env = { KILN_DOWNLOAD_STALL_MS: '500', KILN_DOWNLOADS: '3' };
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
  const stalled = await Promise.all([1, 2, 3].map(() => stall(kiln, content(large.id))));
  // The other routes do not wait for a turn.
  expect((await kiln.submit()).status).toBe('queued');
  // This download waits until one of the stalled ones is cut off.
  expect(await (await kiln.request(content(small.id))).text()).toBe('rows');
  // The others may be in time, and get the whole file.
  const cutOff = stalled.map(async (socket) => {
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(size);
  });
  await Promise.any(cutOff);
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
