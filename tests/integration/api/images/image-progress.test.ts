/** `watchImages`: what a caller who follows a job by a stream receives, and when. */
import { recordPreviewEvent } from '@kiln/shared/records/events/preview-events';
import {
  awaitImages,
  watchImages,
  type ImageProgress,
} from '@kiln/shared/services/image-requests/await-images';
import { expect, onTestFinished, test } from 'vitest';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed } from '../support.ts';

test('a stream without progress yields silence until its caller disconnects', async () => {
  const kiln = await startKiln({ engine: engineNamed('redis'), workers: false });
  const api = createApiDeps(kiln.deps, new AbortController().signal);
  onTestFinished(() => api.close());
  const { id: jobId } = await kiln.submit({ prompt: 'silence' });
  const gone = new AbortController();
  const caller = { projectId: 'default', requestId: 'req_1', baseUrl: kiln.url };
  const progress = watchImages(api.jobs, { caller, jobId, signal: gone.signal }, 10);
  expect((await progress.next()).value).toEqual({ kind: 'silence' });
  expect((await progress.next()).value).toEqual({ kind: 'silence' });
  gone.abort();
  const end = (async () => {
    for await (const each of progress) expect(each).toEqual({ kind: 'silence' });
  })();
  await expect(end).rejects.toMatchObject({ code: 'result_pending' });
});

test('partial images stored while their reader is busy are yielded after the job', async () => {
  const kiln = await startKiln({ engine: engineNamed('redis'), workers: false });
  const api = createApiDeps(kiln.deps, new AbortController().signal);
  onTestFinished(() => api.close());
  const { id: jobId } = await kiln.submit({ prompt: 'slowly read' });
  const { id: otherId } = await kiln.submit({ prompt: 'another' });
  const { db, pool } = kiln.deps.records;
  const caller = { projectId: 'default', requestId: 'req_1', baseUrl: kiln.url };
  const options = { caller, jobId, signal: new AbortController().signal };
  // Start the jobs and record their previews in the way a worker does.
  await pool.query(`update kiln.jobs set status = 'in_progress' where id = any($1)`, [
    [jobId, otherId],
  ]);
  const record = (index: number, id = jobId) =>
    recordPreviewEvent(db, { jobId: id, no: 1, index, format: 'png' });
  let isListening = false;
  const first = api.jobs.waits.watchPreviews(otherId, () => (isListening = true));
  await waitFor(() => record(0, otherId).then(() => isListening), {
    what: 'notifications to arrive',
  });
  first.cancel();
  const progress = watchImages(api.jobs, options, 10);
  expect((await progress.next()).value).toEqual({ kind: 'silence' });
  await record(0);
  const nextProgress = async (): Promise<IteratorResult<ImageProgress, void>> => {
    for (;;) {
      const next = await progress.next();
      if (next.done === true || next.value.kind !== 'silence') return next;
    }
  };
  expect((await nextProgress()).value).toMatchObject({ kind: 'preview', preview: { index: 0 } });
  for (const index of [1, 2]) await record(index);
  const end = expect(awaitImages(api.jobs, options)).rejects.toMatchObject({ code: 'job_failed' });
  await pool.query(
    `with job as (update kiln.jobs set status = 'failed' where id = $1 returning *)
     insert into kiln.events (project_id, type, job_id, data)
     select project_id, 'job.failed', id, '{}' from job`,
    [jobId],
  );
  await end;
  for (const index of [1, 2])
    expect((await nextProgress()).value).toMatchObject({ kind: 'preview', preview: { index } });
  await expect(nextProgress()).rejects.toMatchObject({ code: 'job_failed' });
});
