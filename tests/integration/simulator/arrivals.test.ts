/** The simulator in the process of a test: how long a request may have waited for that process. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { buildSimulator } from '../../../apps/simulator/src/app.ts';
import { readClock } from '../../../apps/simulator/src/clock.ts';
import { atEndOfFile } from '../../support/end-of-file.ts';
import { startProxy } from '../../support/network/proxy.ts';
import { waitFor } from '../../support/wait-for.ts';

const body = JSON.stringify({ model: 'gpt-image-2', prompt: 'a fox' });
const request =
  'POST /v1/images/generations HTTP/1.1\r\nhost: a\r\nauthorization: Bearer key\r\n' +
  `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** A simulator behind a proxy, as in the fault tests. It has one start in a sixth of a minute. */
async function serve(minuteMs: number) {
  const simulator = await buildSimulator({
    rpm: 6,
    minuteMs,
    quotaToleranceMs: 0,
    latencyMs: { min: 0, max: 0 },
    pictures: 'tiny',
    forgivesStalls: true,
  });
  const proxy = await startProxy(await simulator.listen({ port: 0, host: '127.0.0.1' }));
  atEndOfFile(async () => {
    await proxy.close();
    await simulator.close();
  });
  const { ledger } = simulator.simulator;
  return {
    async open(): Promise<Socket> {
      const socket = connect(proxy.port, '127.0.0.1');
      await once(socket, 'connect');
      atEndOfFile(async () => void socket.destroy());
      return socket;
    },
    entry: (number: number) =>
      waitFor(() => ledger.entries()[number - 1], { what: `entry ${number} of the ledger` }),
  };
}

/** Nothing else in this process runs meanwhile. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('a request that waited for a stalled process may have arrived when it was sent', async () => {
  const { open, entry } = await serve(6_000);
  const socket = await open();
  socket.write(request);
  const sentAt = readClock();
  stall(700);
  const first = await entry(1);
  expect(first.arrived_after).toBeLessThanOrEqual(sentAt);
  expect(first.received_at).toBeGreaterThanOrEqual(sentAt + 700);

  // A second later than the first was sent, though not than it was received.
  const other = await open();
  stall(Math.max(0, sentAt + 1_000 - readClock()));
  other.write(request);
  expect(await entry(2)).toMatchObject({ status: 200, took_quota: true });
});

test('without a stall a request arrives when it is handled; one too many is refused', async () => {
  const { open, entry } = await serve(600_000);
  const socket = await open();
  let number = 0;
  // A machine that is busy now is idle for a moment later.
  await waitFor(
    async () => {
      socket.write(request);
      const { received_at: at, arrived_after: after } = await entry((number += 1));
      return at - after < 25;
    },
    { what: 'a request that was handled at once' },
  );
  socket.write(request);
  expect([await entry(1), await entry(number + 1)]).toMatchObject([
    { status: 200 },
    { status: 429, took_quota: false },
  ]);
});
