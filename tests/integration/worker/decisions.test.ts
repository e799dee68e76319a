/**
 * Jobs that an operator decides about: held jobs that are resolved, ended jobs that are retried,
 * and a job that crashes its workers.
 */
import { describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { postJson, startKiln, type TestKiln } from '../../support/kiln.ts';
import { callAttemptsOf, callsOf, eventTypesOf, expectKept } from './support.ts';

async function post(kiln: TestKiln, path: string, body?: unknown) {
  const response = await (body === undefined
    ? kiln.request(path, { method: 'POST' })
    : postJson(`${kiln.url}${path}`, body));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe.each(engines)('on $name', (engine) => {
  test('resolving a held job with retry calls again and keeps its cost at risk', async () => {
    const kiln = await startKiln({ engine, env: { KILN_UNKNOWN_OUTCOME: 'hold' } });
    await kiln.control('POST', 'faults', { fault: 'server error' });
    const held = await kiln.ended((await kiln.submit()).id, ['held']);
    const { status, body } = await post(kiln, `/v1/jobs/${held.id}/resolve`, { action: 'retry' });
    expect({ status, was: body.error }).toEqual({ status: 200, was: null });

    const job = await kiln.ended(held.id, ['succeeded']);
    const calls = await callsOf(kiln, job.id);
    await expectKept(kiln, job, calls[1]!.image_sha256);
    expect(job).toMatchObject({ attempts: { made: 2 }, cost: { at_risk: held.cost.estimated } });
    expect(calls).toHaveLength(2);
    expect(await eventTypesOf(kiln, job.id)).toEqual([
      'job.created',
      'job.started',
      'job.held',
      'job.retrying',
      'job.succeeded',
    ]);
  });

  test('resolving a held job with fail keeps the reason for which it was held', async () => {
    const kiln = await startKiln({ engine, env: { KILN_UNKNOWN_OUTCOME: 'hold' } });
    await kiln.control('POST', 'faults', { fault: 'server error' });
    const held = await kiln.ended((await kiln.submit()).id, ['held']);
    const { body } = await post(kiln, `/v1/jobs/${held.id}/resolve`, { action: 'fail' });
    expect(body).toMatchObject({ status: 'failed', error: { code: 'provider_error' } });
    expect(await callsOf(kiln, held.id)).toHaveLength(1);
    expect((await eventTypesOf(kiln, held.id)).at(-1)).toBe('job.failed');
  });

  test('a failed job that is retried has all its attempts again', async () => {
    const kiln = await startKiln({ engine });
    // retry_once allows one unknown outcome. If earlier ones counted, the third would fail the job.
    await kiln.control('POST', 'faults', { fault: 'server error', times: 3 });
    const failed = await kiln.ended((await kiln.submit()).id, ['failed']);
    await post(kiln, `/v1/jobs/${failed.id}/retry`);
    const job = await kiln.ended(failed.id, ['succeeded']);
    expect((await callAttemptsOf(kiln, job.id)).map(({ status }) => status)).toEqual([
      'unknown',
      'unknown',
      'unknown',
      'succeeded',
    ]);
  });

  test('a job that was lost with three workers fails without a call', async () => {
    const kiln = await startKiln({ engine, workers: false });
    const submitted = await kiln.submit();
    await kiln.deps.records.pool.query('update kiln.jobs set crashes = 3 where id = $1', [
      submitted.id,
    ]);
    const bystander = await kiln.submit();
    await kiln.startWorkers();
    const job = await kiln.ended(submitted.id);
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'poison_job' },
      attempts: { made: 0 },
    });
    expect(await callsOf(kiln, job.id)).toHaveLength(0);
    expect((await kiln.ended(bystander.id)).status).toBe('succeeded');
    // An operator may retry it.
    await post(kiln, `/v1/jobs/${job.id}/retry`);
    expect((await kiln.ended(job.id)).status).toBe('succeeded');
  });
});

describe('decisions that cannot be made', () => {
  test('are refused, and the error names the state of the job', async () => {
    const kiln = await startKiln({ engine: engines[0]!, workers: false });
    const { id } = await kiln.submit();
    expect(await post(kiln, `/v1/jobs/${id}/resolve`, { action: 'retry' })).toMatchObject({
      status: 409,
      body: {
        error: { code: 'job_not_held', message: expect.stringContaining('queued') as string },
      },
    });
    expect(await post(kiln, `/v1/jobs/${id}/retry`)).toMatchObject({
      status: 409,
      body: { error: { code: 'job_not_retryable' } },
    });
    expect(await post(kiln, `/v1/jobs/${id}/resolve`, { action: 'maybe' })).toMatchObject({
      status: 400,
      body: {
        error: { param: 'action', message: expect.stringContaining('retry, fail') as string },
      },
    });
    expect(await post(kiln, '/v1/jobs/job_none/retry')).toMatchObject({ status: 404 });
  });

  test('a cancelled job can be retried', async () => {
    const kiln = await startKiln({ engine: engines[0]!, workers: false });
    const { id } = await kiln.submit();
    await post(kiln, `/v1/jobs/${id}/cancel`);
    expect((await post(kiln, `/v1/jobs/${id}/retry`)).body).toMatchObject({
      status: 'queued',
      cancel_requested_at: null,
      finished_at: null,
    });
    await kiln.startWorkers();
    expect((await kiln.ended(id)).status).toBe('succeeded');
  });
});
