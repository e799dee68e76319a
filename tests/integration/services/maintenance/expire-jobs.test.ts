/** Jobs past their deadline expire once, with one event, and only while they wait. */
import { createJobIntake } from '@kiln/shared/records/jobs/job-intake';
import { expireJobs } from '@kiln/shared/records/jobs/expiry';
import { runMaintenance } from '@kiln/shared/services/maintenance/maintenance';
import { expect, test } from 'vitest';
import {
  addClaimed,
  addDispatched,
  addInFlight,
  addJob,
  buildJob,
  eventsOf,
  readRow,
  routes,
} from '../../records/support.ts';
import { openMaintenance } from './support.ts';

const { records, deps } = await openMaintenance();
const { pool, db } = records;

async function setDeadline(id: string, seconds: number, status?: string): Promise<void> {
  await pool.query(
    "update kiln.jobs set expires_at = now() + $2::int * interval '1 second', status = " +
      'coalesce($3, status) where id = $1',
    [id, seconds, status ?? null],
  );
}

test('queued and held jobs past their deadline expire, each with an event', async () => {
  const [queued, held, early, endless] = [
    await addJob(records),
    await addJob(records),
    await addJob(records),
    await addJob(records),
  ];
  await setDeadline(queued, -1);
  await setDeadline(held, -1, 'held');
  await setDeadline(early, 60);

  await runMaintenance(deps, 'expire_jobs');
  for (const id of [queued, held]) {
    const row = await readRow(records, id);
    expect(row.status).toBe('expired');
    expect(row.finished_at).not.toBeNull();
    expect(await eventsOf(records, id)).toEqual(['job.created', 'job.expired']);
  }
  for (const id of [early, endless])
    expect(await readRow(records, id)).toMatchObject({ status: 'queued' });
  expect(await expireJobs(db, 10)).toBe(0);
});

test('a job that is in the queue expires, and its work item claims nothing', async () => {
  const claim = await addDispatched(records);
  await setDeadline(claim.jobId, -1);
  await runMaintenance(deps, 'expire_jobs');
  expect(await readRow(records, claim.jobId)).toMatchObject({ status: 'expired' });
});

test('running and ended jobs do not expire', async () => {
  const { jobId } = await addClaimed(records);
  await setDeadline(jobId, -1);
  const failed = await addJob(records);
  await setDeadline(failed, -1, 'failed');
  await runMaintenance(deps, 'expire_jobs');
  expect(await readRow(records, jobId)).toMatchObject({ status: 'in_progress' });
  expect(await readRow(records, failed)).toMatchObject({ status: 'failed' });
});

test('a job with an unsettled call waits for the claim that looks for its answer', async () => {
  const { jobId } = await addInFlight(records);
  await setDeadline(jobId, -1, 'queued');
  await runMaintenance(deps, 'expire_jobs');
  expect(await readRow(records, jobId)).toMatchObject({ status: 'queued' });
  await pool.query("update kiln.attempts set status = 'unknown' where job_id = $1", [jobId]);
  await runMaintenance(deps, 'expire_jobs');
  expect(await readRow(records, jobId)).toMatchObject({ status: 'expired' });
});

test('a job that cannot be changed does not keep the others from expiring', async () => {
  const [refused, ...others] = [
    await addJob(records),
    await addJob(records),
    await addJob(records),
  ] as const;
  for (const [index, id] of [refused, ...others].entries()) await setDeadline(id, index - 10);
  await pool.query(`
    create function kiln.refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused by the test' using errcode = 'check_violation'; end $$;
    create trigger refuse before update on kiln.jobs for each row
      when (new.id = '${refused}' and new.status = 'expired') execute function kiln.refuse()`);
  await runMaintenance(deps, 'expire_jobs');
  expect(await readRow(records, refused)).toMatchObject({ status: 'queued' });
  for (const id of others) expect(await readRow(records, id)).toMatchObject({ status: 'expired' });
  await pool.query('drop trigger refuse on kiln.jobs');
  await runMaintenance(deps, 'expire_jobs');
  expect(await readRow(records, refused)).toMatchObject({ status: 'expired' });
});

test('four concurrent workers expire more than one statement takes, each once', async () => {
  // One intake writes them together, so they need few connections on a machine of any speed.
  const intake = createJobIntake(db, routes);
  const jobs = Array.from({ length: 2_500 }, () => buildJob());
  await Promise.all(jobs.map((job) => intake.create(job, null)));
  const ids = jobs.map(({ id }) => id);
  await pool.query(
    "update kiln.jobs set expires_at = now() - interval '1 second' where id = any($1::text[])",
    [ids],
  );
  await Promise.all(Array.from({ length: 4 }, () => runMaintenance(deps, 'expire_jobs')));
  const { rows } = await pool.query<{ expired: number; events: number }>(
    `select
      (select count(*)::int from kiln.jobs
       where status = 'expired' and id = any($1::text[])) as expired,
      (select count(*)::int from kiln.events
       where type = 'job.expired' and job_id = any($1::text[])) as events`,
    [ids],
  );
  expect(rows).toEqual([{ expired: 2_500, events: 2_500 }]);
});
