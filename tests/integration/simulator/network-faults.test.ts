import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { startSimulator } from './support.ts';

const fox = { prompt: 'a fox' };

test.for([
  ['reset', /ECONNRESET/],
  ['close', /other side closed|UND_ERR_SOCKET/],
] as const)(
  '%s: the connection ends without an answer, and the picture is paid',
  async ([fault, reason]) => {
    const { generate, control, ledger } = await startSimulator();
    await control('POST', '/faults', { fault });
    const error = await generate(fox).catch((caught: unknown) => caught);
    const { cause } = error as { cause?: { code?: string; message?: string } };
    expect(`${cause?.code} ${cause?.message}`).toMatch(reason);
    expect((await ledger()).entries).toMatchObject([
      { fault, status: null, paid: true, images: 1, image_sha256: [] },
    ]);
    expect((await generate(fox)).status).toBe(200);
  },
);

test('hang: the call is accepted and paid, and never answered', async () => {
  const { generate, control, ledger } = await startSimulator();
  await control('POST', '/faults', { fault: 'hang' });
  const giveUp = new AbortController();
  const call = generate(fox, { signal: giveUp.signal }).catch((error: unknown) => error);
  const { reached, entries } = await ledger('?min_finished=1&wait_ms=250000');
  expect(reached).toBe(true);
  expect(entries).toMatchObject([{ fault: 'hang', status: null, paid: true }]);
  giveUp.abort();
  expect(await call).toHaveProperty('name', 'AbortError');
});

test('cut-answer: the caller gets the headers and half of the body', async () => {
  const { generate, control, ledger } = await startSimulator();
  await control('POST', '/faults', { fault: 'cut-answer' });
  const response = await generate(fox);
  expect(response.status).toBe(200);
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
  await expect(response.json()).rejects.toThrow(/terminated/);
  const { entries } = await ledger();
  expect(entries).toMatchObject([{ fault: 'cut-answer', status: 200, paid: true }]);
  expect(entries[0]?.image_sha256).toHaveLength(1);
});

test('slow-body: the answer comes one byte at a time', async () => {
  const { generate, control } = await startSimulator();
  await control('POST', '/faults', { fault: 'slow-body', interval_ms: 1 });
  const response = await generate(fox);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^\{"?$/);
  await reader?.cancel();
});

test('reset-before-read: the connection breaks while the request is written', async () => {
  const { url, control, ledger } = await startSimulator();
  await control('POST', '/faults', { fault: 'reset-before-read' });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    'POST /v1/images/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ' +
      'key\r\nContent-Length: 1000\r\n\r\n{"prompt"',
  );
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error).toHaveProperty('code', 'ECONNRESET');
  expect((await ledger()).entries).toMatchObject([
    { fault: 'reset-before-read', paid: false, took_quota: false, prompt_sha256: null },
  ]);
});

test('delay: the ordinary answer comes later', async () => {
  const { generate, control, ledger } = await startSimulator();
  await control('POST', '/faults', { fault: 'delay', delay_ms: 30 });
  expect((await generate(fox)).status).toBe(200);
  const [entry] = (await ledger()).entries;
  expect((entry?.finished_at ?? 0) - (entry?.received_at ?? 0)).toBeGreaterThanOrEqual(29);
});

test('a caller that disconnects is billed all the same', async () => {
  const { app, generate, control, ledger } = await startSimulator({ gate: true });
  const connected = once(app.server, 'connection') as Promise<[Socket]>;
  const giveUp = new AbortController();
  const call = generate(fox, { signal: giveUp.signal }).catch((error: unknown) => error);
  const [socket] = await connected;
  await ledger('?in_flight=1&wait_ms=250000');
  giveUp.abort();
  await call;
  if (!socket.destroyed) await once(socket, 'close');
  expect(await control('POST', '/release')).toEqual({ released: 1 });
  const { entries } = await ledger('?min_finished=1&wait_ms=250000');
  expect(entries).toMatchObject([{ paid: true, status: 200, fault: null, client_gone: true }]);
});
