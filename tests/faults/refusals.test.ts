/**
 * Every kind of refusal, with one bad job among good ones, with bad jobs only, and with a
 * deployment that is broken for real. The minute is short, and all kinds share one Kiln.
 */
import type { Job } from '@kiln/shared/schemas/job';
import type { PoolView } from '@kiln/shared/schemas/pool';
import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../apps/simulator/src/ledger.ts';
import { casesOf, oneEngine } from '../support/engines/engine-matrix.ts';
import { engines } from '../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';

const names = oneEngine(import.meta.filename);
const engine = engines.find(({ name }) => names.includes(name as never)) ?? engines[0]!;

const minuteMs = 6_000;
const rpm = 200;
const spacingMs = minuteMs / rpm;
const goodJobs = 50;

/** The code of the bad job, and the most calls that are made for it. */
type Kind = [fault: string, code: string, calls: number];

/** The refusal is the job's by its words: one call, also when all jobs are refused so. */
const ofJob = casesOf<Kind>(
  [
    ['content safety of a gateway', 'content_policy', 1],
    ['policy behind a 500', 'content_policy', 1],
    ['error text in an answer 200', 'provider_rejected_parameters', 1],
  ],
  [
    ['filter with status 403', 'content_policy', 1],
    ['usage guidelines', 'content_policy', 1],
    ['policy in an answer 200', 'content_policy', 1],
    ['filter in innererror', 'content_policy', 1],
    ['parameter in a FastAPI detail', 'provider_rejected_parameters', 1],
  ],
);

/** The refusal names nothing: an answer to another job shows whose it was. */
const unclear = casesOf<Kind>(
  [
    ['page of a firewall', 'provider_refused', 1],
    ['method not allowed', 'provider_refused', 1],
    ['model unknown', 'provider_refused', 1],
  ],
  [
    ['firewall, not acceptable', 'provider_refused', 1],
    ['gone', 'provider_refused', 1],
    ['media type refused', 'provider_refused', 1],
    ['legal reasons', 'provider_refused', 1],
    ['operation not supported', 'provider_refused', 1],
    ['organisation not verified', 'provider_refused', 1],
  ],
);

/** The refusal names the key, the budget or the deployment: three of them blame the job. */
const certain = casesOf<Kind>(
  [
    ['wrong key', 'provider_refused', 3],
    ['payment required', 'provider_refused', 3],
  ],
  [
    ['deployment missing', 'provider_refused', 3],
    ['resource blocked, not the prompt', 'provider_refused', 3],
    ['openai quota used up', 'provider_refused', 3],
    ['openai billing limit', 'provider_refused', 3],
  ],
);

function faultsOf(kinds: readonly Kind[]): string[] {
  return kinds.map(([fault]) => fault);
}

function start(settings = { minuteMs, rpm }): Promise<TestKiln> {
  const env = { KILN_MINUTE_MS: String(settings.minuteMs), KILN_RPM: String(settings.rpm) };
  return startKiln({ engine, env });
}

async function callsOf(kiln: TestKiln, ids: readonly string[]): Promise<LedgerEntry[]> {
  const { entries } = await kiln.control<{ entries: LedgerEntry[] }>('GET', 'ledger');
  return entries.filter(({ kiln_job_id: id }) => id !== null && ids.includes(id));
}

async function readPool(kiln: TestKiln): Promise<PoolView> {
  const { data } = (await (await kiln.request('/v1/pools')).json()) as { data: PoolView[] };
  return data[0]!;
}

function submitAll(kiln: TestKiln, count: number, body: Record<string, unknown> = {}) {
  return Promise.all(Array.from({ length: count }, () => kiln.submit(body)));
}

/** The share of the pace at which calls began, from the first of them to the last. */
function paceOf(calls: readonly LedgerEntry[]): number {
  const times = calls.map(({ received_at: at }) => at).toSorted((one, other) => one - other);
  return ((times.length - 1) * spacingMs) / (times.at(-1)! - times[0]!);
}

/** Runs good jobs around one whose prompt meets the fault. */
async function runAmongGood(kiln: TestKiln, fault: string | null) {
  const prompt = fault === null ? 'nothing' : `meets <${fault}>`;
  if (fault !== null)
    await kiln.control('POST', 'faults', { fault, times: null, prompt_contains: `<${fault}>` });
  const good = (await submitAll(kiln, goodJobs, { priority: 'bulk' })).map(({ id }) => id);
  // The bad job goes before the good ones that still wait.
  const bad = await kiln.submit({ prompt });
  const ended = await Promise.all(good.map((id) => kiln.ended(id)));
  expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  const job = await kiln.ended(bad.id);
  const pace = paceOf(await callsOf(kiln, good));
  return { job, calls: (await callsOf(kiln, [job.id])).length, pace };
}

test('one bad job of each kind fails by itself, and fifty good ones keep the pace', async () => {
  const kiln = await start();
  const usual = [(await runAmongGood(kiln, null)).pace, (await runAmongGood(kiln, null)).pace];
  const paces: number[] = [];
  const ends: Record<string, unknown> = {};
  for (const [fault, , mostCalls] of [...ofJob, ...unclear, ...certain]) {
    const { job, calls, pace } = await runAmongGood(kiln, fault);
    paces.push(pace);
    ends[fault] = [job.status, job.error?.code, calls <= mostCalls];
  }
  expect(ends).toEqual(
    Object.fromEntries(
      [...ofJob, ...unclear, ...certain].map(([fault, code]) => [fault, ['failed', code, true]]),
    ),
  );
  // The machine's own share of the pace is that of the runs without a bad job.
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(paces)).toBeGreaterThanOrEqual(0.9 * Math.min(1, mean(usual)));
  expect(await readPool(kiln)).toMatchObject({ status: 'open', blocked_job: null });
});

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
    timeoutMs: 60_000,
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
  const shortMinuteMs = 2_000;
  // Starts are far enough apart for a refusal to be recorded before the next call.
  const kiln = await start({ minuteMs: shortMinuteMs, rpm: 2 });
  await kiln.control('PATCH', 'settings', { key: 'the right one' });
  const jobs = await submitAll(kiln, 8);
  const ids = jobs.map(({ id }) => id);
  // Two calls until it is clear, and probes after one minute, two, and four.
  await waitFor(async () => (await callsOf(kiln, ids)).length >= 4, {
    what: 'two probes',
    timeoutMs: 60_000,
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
