/**
 * The proxy of the fault tests in front of an echo server: each mode must do what it says, or the
 * tests that use it prove nothing.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startProxy } from '../../support/network/proxy.ts';
import { waitFor } from '../../support/wait-for.ts';

async function open() {
  const heard: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard.push(bytes.toString());
      socket.write(bytes);
    });
    socket.on('end', () => socket.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path`);
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
  return { proxy, heard };
}

async function join(port: number) {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const state = { got: '', ended: false, error: null as string | null };
  socket.on('data', (bytes: Buffer) => (state.got += bytes.toString()));
  socket.on('end', () => (state.ended = true));
  socket.on('error', (error: NodeJS.ErrnoException) => (state.error = error.code ?? error.message));
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return { socket, state };
}

test('passes bytes in both directions, and the end of a connection', async () => {
  const { proxy } = await open();
  const { socket, state } = await join(proxy.port);
  socket.write('hello');
  await waitFor(() => state.got === 'hello', { what: 'the echo' });
  socket.end();
  await waitFor(() => state.ended, { what: 'the end' });
  expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}/path`);
  expect(state.error).toBeNull();
});

test('refuse closes the port; open connections stay until they are cut', async () => {
  const { proxy } = await open();
  const early = await join(proxy.port);
  early.socket.write('a');
  await waitFor(() => early.state.got === 'a', { what: 'the echo' });
  proxy.set({ kind: 'refuse' });
  await expect(join(proxy.port)).rejects.toThrow('ECONNREFUSED');
  early.socket.write('b');
  await waitFor(() => early.state.got === 'ab', { what: 'the second echo' });
  proxy.cut('reset');
  await waitFor(() => early.state.error === 'ECONNRESET', { what: 'the cut' });
  proxy.set({ kind: 'pass' });
  const late = await waitFor(() => join(proxy.port), { what: 'the port to be open again' });
  late.socket.write('c');
  await waitFor(() => late.state.got === 'c', { what: 'the third echo' });
});

test('blackhole holds both directions, and delivers what it held when it ends', async () => {
  const { proxy, heard } = await open();
  proxy.set({ kind: 'blackhole' });
  const { socket, state } = await join(proxy.port);
  const other = await join(proxy.port);
  socket.write('held');
  other.socket.write('too');
  await new Promise((resolve) => setImmediate(resolve));
  expect([heard, state.got]).toEqual([[], '']);
  proxy.set({ kind: 'pass' });
  await waitFor(() => state.got === 'held' && other.state.got === 'too', { what: 'what was held' });
});

test('half-close ends the answers and still delivers what the client writes', async () => {
  const { proxy, heard } = await open();
  const { socket, state } = await join(proxy.port);
  socket.write('a');
  await waitFor(() => state.got === 'a', { what: 'the echo' });
  proxy.cut('half-close');
  await waitFor(() => state.ended, { what: 'the end of the answers' });
  socket.write('b');
  await waitFor(() => heard.join('') === 'ab', { what: 'what was written' });
  expect(state.got).toBe('a');
});

test('truncate resets after a number of answer bytes; delay and throttle slow them', async () => {
  const { proxy } = await open();
  proxy.set({ kind: 'truncate', bytes: 3 });
  const { socket, state } = await join(proxy.port);
  socket.write('hello');
  await waitFor(() => state.error === 'ECONNRESET', { what: 'the reset' });
  expect('hel'.startsWith(state.got)).toBe(true);

  for (const mode of [
    { kind: 'delay', ms: 40 },
    { kind: 'throttle', bytesPerSecond: 50 },
  ] as const) {
    proxy.set(mode);
    const slow = await join(proxy.port);
    const started = performance.now();
    slow.socket.write('hello');
    await waitFor(() => slow.state.got === 'hello', { what: 'the echo' });
    expect(performance.now() - started).toBeGreaterThan(75);
  }
});

test('a watcher sees each piece first, and may hold or cut', async () => {
  const { proxy, heard } = await open();
  const held = Promise.withResolvers<'pass' | 'cut'>();
  proxy.watch(({ direction, bytes }) =>
    direction === 'up' && bytes.includes('secret') ? held.promise : undefined,
  );
  const one = await join(proxy.port);
  const other = await join(proxy.port);
  one.socket.write('secret');
  other.socket.write('plain');
  await waitFor(() => other.state.got === 'plain', { what: 'the echo' });
  expect(heard).toEqual(['plain']);
  held.resolve('cut');
  await waitFor(() => one.state.error === 'ECONNRESET', { what: 'the cut' });
  expect(heard).toEqual(['plain']);
});
