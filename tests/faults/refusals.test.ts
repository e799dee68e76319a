/**
 * Every kind of refusal with bad jobs only, and with a deployment that is broken for real: whose
 * the refusal is, who waits, and when the pool goes on. The minute is short.
 */
import type { Job } from '@kiln/shared/schemas/job';
import { expect, test } from 'vitest';
import { casesOf } from '../support/engines/engine-matrix.ts';
import type { TestKiln } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  callsOf,
  certain,
  faultsOf,
  ofJob,
  readPool,
  startFor,
  submitAll,
  unclear,
} from './rig/refusals.ts';

const start = (settings?: { minuteMs: number; rpm: number }) =>
  startFor(import.meta.filename, settings);

test('bad jobs only: those fail that are refused for their content, the others wait', async () => {
  const kiln = await start();
  const ends: Record<string, unknown> = {};
  for (const fault of faultsOf(ofJob)) {
    await kiln.control('POST', 'faults', { fault, times: null });
    const jobs = await submitAll(kiln, 3);
    const ended = await Promise.all(jobs.map(({ id }) => kiln.ended(id)));
    const calls = await callsOf(
      kiln,
      jobs.map(({ id }) => id),
    );
    ends[fault] = [...ended.map(({ status }) => status), calls.length];
    await kiln.control('DELETE', 'faults');
  }
  for (const fault of faultsOf([...unclear, ...certain])) {
    await kiln.control('POST', 'faults', { fault, times: null });
    const jobs = (await submitAll(kiln, 3)).map(({ id }) => id);
    ends[fault] = await closedReasonsOf(kiln, jobs);
    await kiln.control('DELETE', 'faults');
    await kiln.request('/v1/pools/default/resume', { method: 'POST' });
    const ended = await Promise.all(jobs.map((id) => kiln.ended(id)));
    expect(ended.map(({ status }) => status)).toEqual(jobs.map(() => 'succeeded'));
  }
  const isModel = (fault: string) => /model unknown|organisation/.test(fault);
  expect(ends).toEqual({
    ...Object.fromEntries(faultsOf(ofJob).map((fault) => [fault, [...failedThrice, 3]])),
    ...Object.fromEntries(
      faultsOf([...unclear, ...certain]).map((fault) => [
        fault,
        [isModel(fault) ? 'model_paused' : 'pool_paused'],
      ]),
    ),
  });
});

const failedThrice = ['failed', 'failed', 'failed'];

/** Waits until all jobs wait for the same closure, and returns its reasons. */
function closedReasonsOf(kiln: TestKiln, ids: readonly string[]): Promise<string[]> {
  return waitFor(
    async () => {
      const jobs = await Promise.all(ids.map((id) => kiln.read(id)));
      const reasons = [...new Set(jobs.map(({ queue }) => queue?.reason ?? 'none'))];
      return reasons.length === 1 && reasons[0]!.endsWith('_paused') && reasons;
    },
    { what: 'the jobs to wait for the same reason' },
  );
}

const broken = casesOf([], faultsOf([...unclear, ...certain]));

test.each(broken)('a deployment that is broken for real (%s) fails no job', async (fault) => {
  const shortMinuteMs = 2_000;
  // Starts are far enough apart for a refusal to be recorded before the next call.
  const kiln = await start({ minuteMs: shortMinuteMs, rpm: 2 });
  await kiln.control('POST', 'faults', { fault, times: null });
  const ids = (await submitAll(kiln, 8)).map(({ id }) => id);
  // Two calls until it is clear, and then single probes, further and further apart.
  await waitFor(async () => (await callsOf(kiln, ids)).length >= 4, {
    what: 'two probes',
  });
  const calls = await callsOf(kiln, ids);
  const callers = calls.map(({ kiln_job_id: id }) => id);
  expect(callers.slice(1).filter((id, index) => id === callers[index])).toEqual([]);
  const jobs = await Promise.all(ids.map((id) => kiln.read(id)));
  expect(jobs.filter(({ status }) => status === 'failed')).toEqual([]);

  await kiln.control('DELETE', 'faults');
  const ended = await Promise.all(ids.map((id) => kiln.ended(id)));
  expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);
});

test('the pause of a wrong key names its job and words, and probes come ever later', async () => {
  // A call may be seconds late on a busy machine, which is less than half of this.
  const shortMinuteMs = 6_000;
  // Starts are far enough apart for a refusal to be recorded before the next call.
  const kiln = await start({ minuteMs: shortMinuteMs, rpm: 2 });
  await kiln.control('PATCH', 'settings', { key: 'the right one' });
  const jobs = await submitAll(kiln, 8);
  const ids = jobs.map(({ id }) => id);
  // Two calls until it is clear, and probes after one minute, two, and four.
  await waitFor(async () => (await callsOf(kiln, ids)).length >= 4, {
    what: 'two probes',
  });
  const calls = await callsOf(kiln, ids);
  const times = calls.map(({ received_at: at }) => at).toSorted((one, other) => one - other);
  expect(times[2]! - times[0]!).toBeGreaterThan(0.9 * shortMinuteMs);
  expect(times[3]! - times[2]!).toBeGreaterThan(1.5 * shortMinuteMs);
  const callers = calls.map(({ kiln_job_id: id }) => id);
  expect(callers.slice(1).filter((id, index) => id === callers[index])).toEqual([]);

  const pool = await readPool(kiln);
  expect(pool).toMatchObject({ status: 'paused', blocked_reason: 'pool_paused_auth' });
  expect(ids).toContain(pool.blocked_job);
  expect(pool.blocked_message).toContain('key');
  const waiting: Job = await kiln.read(ids.at(-1)!);
  expect(waiting.queue).toMatchObject({
    reason: 'pool_paused',
    because: { code: 'pool_paused_auth', message: pool.blocked_message },
    until: expect.any(Number) as number,
  });
  expect(ids).toContain(waiting.queue?.because?.job_id);

  await kiln.control('PATCH', 'settings', { key: null });
  const ended = await Promise.all(ids.map((id) => kiln.ended(id)));
  expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);
});

test('a model that does not exist waits, while the others go on; its only job fails', async () => {
  const kiln = await start();
  await kiln.control('POST', 'faults', {
    fault: 'model unknown',
    times: null,
    prompt_contains: 'the ninth',
  });
  const bad = await kiln.submit({ model: 'gpt-image-9', prompt: 'the ninth' });
  const good = await submitAll(kiln, 20);
  await Promise.all(good.map(({ id }) => kiln.ended(id)));
  const failed = await kiln.ended(bad.id);
  expect(failed).toMatchObject({
    status: 'failed',
    error: { code: 'provider_refused', message: expect.stringContaining('gpt-image-9') as string },
  });
  expect(await callsOf(kiln, [bad.id])).toHaveLength(3);

  const many = (await submitAll(kiln, 4, { model: 'gpt-image-9', prompt: 'the ninth' })).map(
    ({ id }) => id,
  );
  expect(await closedReasonsOf(kiln, many)).toEqual(['model_paused']);
  const [deployment] = (await readPool(kiln)).deployments;
  expect(deployment).toMatchObject({
    status: 'open',
    paused_models: [{ model: 'gpt-image-9', paused_reason: 'model_paused' }],
  });
  expect((await kiln.ended((await kiln.submit()).id)).status).toBe('succeeded');
  await kiln.control('DELETE', 'faults');
  const ended = await Promise.all(many.map((id) => kiln.ended(id)));
  expect(ended.map(({ status }) => status)).toEqual(many.map(() => 'succeeded'));
});

test('a shape of answer that came before costs one call, and three in a row pause', async () => {
  const kiln = await start();
  await kiln.control('POST', 'faults', { fault: 'no data', times: null });
  const first = await kiln.ended((await kiln.submit()).id);
  expect([first.status, (await callsOf(kiln, [first.id])).length]).toEqual(['failed', 2]);
  const third = await kiln.submit();
  expect(await closedReasonsOf(kiln, [third.id])).toEqual(['pool_paused']);
  expect(await readPool(kiln)).toMatchObject({
    status: 'paused',
    blocked_reason: 'pool_paused_answers',
    blocked_job: third.id,
  });
  await kiln.control('DELETE', 'faults');
  await kiln.request('/v1/pools/default/resume', { method: 'POST' });
  expect((await kiln.ended(third.id)).status).toBe('succeeded');

  // Chance: the repetition of the first job was answered well, so another one is repeated too.
  for (const _time of [1, 2]) {
    await kiln.control('POST', 'faults', { fault: 'no data' });
    expect((await kiln.ended((await kiln.submit()).id)).status).toBe('succeeded');
  }
});

test('a good answer to a call among the bad ones ends the pause, however late it is', async () => {
  const kiln = await start();
  await kiln.control('POST', 'faults', { fault: 'no data', times: null, prompt_contains: 'bad' });
  await kiln.control('PATCH', 'settings', { gate: true });
  const bad = await kiln.submit({ prompt: 'a bad boat' });
  await waitForCalls(kiln, 1);
  const good = await kiln.submit({ prompt: 'a good boat' });
  await waitForCalls(kiln, 2);
  // The bad job is answered, and so is its repetition; the good one is held back.
  const waiting: Job[] = [];
  await waitFor(
    async () => {
      await kiln.control('POST', 'release?prompt_contains=bad');
      const { status } = await kiln.read(waiting[0]?.id ?? bad.id);
      if (status === 'failed') waiting.push(await kiln.submit({ prompt: 'another bad boat' }));
      return (await readPool(kiln)).status === 'paused';
    },
    { what: 'the pool to be paused' },
  );

  await kiln.control('DELETE', 'faults');
  await kiln.control('PATCH', 'settings', { gate: false });
  const ended = await Promise.all([good, ...waiting].map(({ id }) => kiln.ended(id)));
  expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
  expect(await readPool(kiln)).toMatchObject({ status: 'open' });
});

function waitForCalls(kiln: TestKiln, count: number): Promise<unknown> {
  return waitFor(async () => (await readPool(kiln)).in_flight === count, {
    what: `${count} calls under way`,
  });
}
