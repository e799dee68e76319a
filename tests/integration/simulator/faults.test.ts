import { expect, test } from 'vitest';
import recorded from '../../../apps/simulator/src/data/provider-faults.json' with { type: 'json' };
import { readError, startSimulator } from './support.ts';

const fox = { prompt: 'a fox' };

test.for(recorded.cases)(
  '$name is answered as it was recorded',
  async ({ name, status, headers, body, class: kind }) => {
    const { generate, control, ledger } = await startSimulator();
    await control('POST', '/faults', { fault: name });
    const askedMs = Date.now();
    const response = await generate(fox, { face: 'azure' });
    expect(response.status).toBe(status);
    for (const [header, value] of Object.entries(headers)) {
      const received = response.headers.get(header);
      if (!value.startsWith('<')) expect(received).toBe(value);
      else {
        // A date has whole seconds.
        const hintedMs = Date.parse(String(received)) - 30_000;
        expect(hintedMs).toBeGreaterThanOrEqual(askedMs - 1_000);
        expect(hintedMs).toBeLessThanOrEqual(Date.now() + 1_000);
      }
    }
    if (!('retry-after' in headers)) expect(response.headers.get('retry-after')).toBeNull();
    const text = await response.text();
    expect(typeof body === 'string' ? text : JSON.parse(text)).toEqual(body);

    const { entries } = await ledger();
    const isPaid = kind === 'unusable' || (kind === 'unknown' && [408, 500, 504].includes(status));
    expect(entries).toMatchObject([{ fault: name, status, paid: isPaid, images: isPaid ? 1 : 0 }]);
    expect(entries[0]?.request_id).toBe(response.headers.get('x-request-id'));
    expect(response.headers.get('apim-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect((await generate(fox)).status).toBe(200);
  },
);

test('orders strike in sequence, as often as stated, and may wait for a prompt', async () => {
  const { generate, control } = await startSimulator();
  await control('POST', '/faults', { fault: 'wrong key', prompt_contains: 'wolf' });
  await control('POST', '/faults', { fault: 'server error', times: 2 });
  await control('POST', '/faults', { fault: 'bad gateway', times: null });
  const statuses = [];
  for (const prompt of ['a', 'a wolf', 'a', 'a', 'a wolf'])
    statuses.push((await generate({ prompt })).status);
  expect(statuses).toEqual([500, 401, 500, 502, 502]);
  await control('DELETE', '/faults');
  expect((await generate(fox)).status).toBe(200);
});

test('a call refused by the quota leaves the order for the next call', async () => {
  const { generate, control } = await startSimulator({ rpm: 6 });
  await generate(fox);
  await control('POST', '/faults', { fault: 'server error' });
  expect((await generate(fox)).status).toBe(429);
  await control('PATCH', '/settings', { rpm: 0 });
  expect((await generate(fox)).status).toBe(500);
});

test('whether a fault is billed can be set for one order and for all', async () => {
  const { generate, control, ledger } = await startSimulator();
  await control('PATCH', '/settings', { fault_paid: { 'server error': false } });
  await control('POST', '/faults', { fault: 'server error' });
  await control('POST', '/faults', { fault: 'server error', paid: true });
  await generate({ prompt: 'a', n: 3 });
  await generate({ prompt: 'b', n: 3 });
  expect((await ledger()).entries).toMatchObject([
    { paid: false, images: 0, usage: null },
    { paid: true, images: 3, usage: { output_tokens: 3 * 1756 } },
  ]);
});

test('chance follows the seed', async () => {
  const options = { faultRates: { 'server error': 0.3, 'azure capacity': 0.2 } };
  const runs = [];
  for (const seed of [1, 1, 2]) {
    const { generate } = await startSimulator({ ...options, seed });
    const statuses = [];
    for (let call = 0; call < 60; call++)
      statuses.push((await generate({ prompt: `${call}` })).status);
    runs.push(statuses);
  }
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).not.toEqual(runs[0]);
  for (const status of [200, 429, 500])
    expect(runs[0]?.filter((seen) => seen === status).length).toBeGreaterThan(5);
});

test('an invalid order is refused with the reason', async () => {
  const { url } = await startSimulator();
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"fault":"flood","times":0,"when":1}',
  };
  const { status, message } = (await readError(await fetch(`${url}/_control/faults`, init))) as {
    status: number;
    message?: string;
  };
  expect(status).toBe(400);
  expect(message).toMatch(
    /when: unknown field.*fault: must be one of azure quota;.*times: must be/,
  );
});
