/** What holds after every fault, whatever it was. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { promptMarker, type Stage } from './stage.ts';

interface Tallies {
  /** Rows of the ledger of attempts. */
  attempts: number;
  /** Of those, calls whose outcome nobody knew. */
  unknown: number;
  /** Calls the provider saw, and what it billed. */
  calls: number;
  paid: number;
}

/** Every job has succeeded once, its picture is the provider's, nothing is left over; returns what was called and paid. */
export async function expectAllSucceeded(stage: Stage, ids: readonly string[]): Promise<Tallies> {
  const jobs = await stage.query<{ id: string; status: string }>(
    'select id, status from kiln.jobs order by id',
  );
  expect(jobs).toEqual([...ids].toSorted().map((id) => ({ id, status: 'succeeded' })));
  await expectEndedOnce(stage, ids);
  await expectPictures(stage, ids);
  await expectNothingLeftOver(stage);
  expectNoPromptIn(stage);
  return tally(stage);
}

async function expectEndedOnce(stage: Stage, ids: readonly string[]): Promise<void> {
  const ends = await stage.query<{ job_id: string; ends: number }>(
    "select job_id, count(*)::int as ends from kiln.events where type in ('job.succeeded', 'job.failed', 'job.cancelled') group by job_id order by job_id",
  );
  expect(ends).toEqual([...ids].toSorted().map((id) => ({ job_id: id, ends: 1 })));
}

/** Succeeded ⇔ an object with the hash the record says, that the provider has sent for this job. */
async function expectPictures(stage: Stage, ids: readonly string[]): Promise<void> {
  const images = await stage.query<{ job_id: string; object_key: string; sha256: string }>(
    'select job_id, object_key, sha256 from kiln.images order by job_id',
  );
  expect(images.map((image) => image.job_id)).toEqual([...ids].toSorted());
  for (const { job_id: jobId, object_key: key, sha256 } of images) {
    const bytes = await readFile(join(stage.objects, key));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    const sent = stage.ledger.entries().filter((entry) => entry.kiln_job_id === jobId);
    expect(sent.flatMap((entry) => entry.image_sha256)).toContain(sha256);
  }
}

/** A worker may still be about to discard what it has settled: that is waited for. */
async function expectNothingLeftOver(stage: Stage): Promise<void> {
  await waitFor(async () => (await spooledAnswers(stage)).length === 0, { what: 'the spools to be empty' });
  expect(await stage.query("select job_id, no from kiln.attempts where status = 'in_flight'")).toEqual([]);
}

async function spooledAnswers(stage: Stage): Promise<string[]> {
  const spools = stage.dataFolders().map(stage.spoolOf);
  const names = await Promise.all(spools.map((spool) => readdir(spool)));
  return names.flat().filter((name) => name.endsWith('.answer'));
}

export function expectNoPromptIn(stage: Stage): void {
  for (const { output } of [stage.api, ...stage.workers]) {
    // There is something to look through, and the prompts are not in it.
    expect(output()).toContain('"msg":');
    expect(output()).not.toContain(promptMarker);
  }
}

export async function tally(stage: Stage): Promise<Tallies> {
  const [row] = await stage.query<{ attempts: number; unknown: number }>(
    "select count(*)::int as attempts, count(*) filter (where status = 'unknown')::int as unknown from kiln.attempts",
  );
  const { calls, paid } = stage.ledger.tally();
  return { attempts: row?.attempts ?? 0, unknown: row?.unknown ?? 0, calls, paid };
}

/** Every call beyond one a job is one whose outcome nobody could know, and each of those is in the records. */
export function expectNoneTwiceUnlessUnknown(
  { attempts, unknown, calls, paid }: Tallies,
  jobs: number,
): void {
  expect(paid).toBeGreaterThanOrEqual(jobs);
  expect(paid - jobs).toBeLessThanOrEqual(unknown);
  expect(attempts).toBe(jobs + unknown);
  // A process may die between the record of an attempt and its call.
  expect(calls).toBeLessThanOrEqual(attempts);
  expect(attempts - calls).toBeLessThanOrEqual(unknown);
}
