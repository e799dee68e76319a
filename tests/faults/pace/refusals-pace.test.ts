/**
 * One bad job of every kind among good ones: it fails by itself, and the good ones keep the pace.
 * The minute is short, and all kinds share one Kiln.
 */
import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import type { TestKiln } from '../../support/kiln.ts';
import {
  callsOf,
  certain,
  minuteMs,
  ofJob,
  readPool,
  rpm,
  startFor,
  submitAll,
  unclear,
} from '../rig/refusals.ts';

const spacingMs = minuteMs / rpm;
const goodJobs = 50;

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
  const kiln = await startFor(import.meta.filename);
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
