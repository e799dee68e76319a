/** A request waits with an open connection until the caller allows it. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { EditSources } from '@kiln/shared/provider/edit-form';
import { createProvider } from '@kiln/shared/provider/provider';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { waitFor } from '../../support/wait-for.ts';
import { callOf, openaiDeployment } from './support.ts';

/** A server that refuses every request, and counts connections and the bytes that came. */
async function serve() {
  const seen = { connections: 0, bytes: 0 };
  const server = createServer((socket) => {
    seen.connections += 1;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      seen.bytes += bytes.length;
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const provider = createProvider({ callTimeoutMs: 10_000, streamIdleMs: 10_000 });
  atEndOfFile(async () => {
    await provider.close();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { seen, call: provider.call.bind(provider, { ...openaiDeployment, baseUrl }) };
}

const picture = new Blob([Buffer.alloc(300_000)]);
const sources: EditSources = {
  images: [{ bytes: picture, contentType: 'image/png' }],
  mask: null,
  markup: null,
};

test.each([
  ['a generation', null],
  ['an edit', sources],
])('%s is written when its caller allows it, over a connection that is open', async (_, edit) => {
  const { seen, call } = await serve();
  let written = 0;
  const before: unknown[] = [];
  const outcome = await call(
    callOf({
      sources: edit,
      async mayWrite() {
        await waitFor(() => seen.connections === 1, { what: 'the connection' });
        before.push({ ...seen, written });
        return true;
      },
      onWritten: () => (written += 1),
    }),
  );
  expect(before).toEqual([{ connections: 1, bytes: 0, written: 0 }]);
  expect(outcome).toMatchObject({ httpStatus: 400 });
  expect(seen.bytes).toBeGreaterThan(0);
});

test.each([
  ['a generation', null],
  ['an edit', sources],
])('%s that its caller does not allow is not sent at all', async (_, edit) => {
  const { seen, call } = await serve();
  let written = 0;
  const outcome = await call(
    callOf({
      sources: edit,
      mayWrite: async () => false,
      onWritten: () => (written += 1),
    }),
  );
  expect(outcome).toMatchObject({
    status: 'fault',
    fault: { class: 'refused', owner: 'call' },
    httpStatus: null,
  });
  await waitFor(() => seen.connections === 1, { what: 'the connection' });
  expect([seen.bytes, written]).toEqual([0, 0]);
});
