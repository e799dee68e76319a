/** The audit of the fault tests notices records, objects and spools that were tampered with. */
import { expect, test } from 'vitest';
import { findOrphans, runAudit } from './rig/audit.ts';
import { expectNoViolation } from './rig/invariants.ts';
import { openEnvironment } from './rig/open-environment.ts';

const png = { contentType: 'image/png' };

test('the audit names what is lost, changed, missing or hidden', async () => {
  const environment = await openEnvironment({
    engine: 'postgres',
    rpm: 600,
    minuteMs: 60_000,
    latencyMs: { min: 0, max: 20 },
  });
  const worker = await environment.startWorker();
  const ids = await environment.submit(4);
  await environment.waitForCount('succeeded', 4);
  await expectNoViolation(environment, ids);

  const keyOf = async (id: string) => {
    const [row] = await environment.query<{ object_key: string }>(
      'select object_key from kiln.images where job_id = $1',
      [id],
    );
    return row?.object_key ?? '';
  };
  const [lost, changed, missing, hidden] = ids as [string, string, string, string];
  // A starved machine may miss the start of an attempt, and the call is made by the next one.
  const [called] = await environment.query<{ no: number }>(
    'select max(no)::int as no from kiln.attempts where job_id = $1',
    [hidden],
  );
  await environment.query("update kiln.jobs set status = 'held' where id = $1", [lost]);
  await environment.store.delete(await keyOf(changed));
  await environment.store.put(await keyOf(changed), Buffer.from('another picture'), png);
  await environment.store.delete(await keyOf(missing));
  await environment.query('delete from kiln.attempts where job_id = $1', [hidden]);
  worker.signal('SIGABRT');
  expect(await worker.ended).toBe('SIGABRT');
  const { violations, lost: count } = await runAudit(environment, [...ids, 'job_never_written']);
  expect(count).toBe(2);
  expect(
    violations.map((sentence) =>
      sentence.replaceAll(/job_[0-9a-f]+/g, (id) => `<${ids.indexOf(id)}>`),
    ),
  ).toEqual(
    expect.arrayContaining([
      'job <0> was accepted and is held',
      'job job_never_written was accepted and is gone',
      'job <0> is held, with an image',
      expect.stringMatching(/^the object .* of job <1> differs from its recorded hash$/),
      expect.stringMatching(/^the object .* of job <2> is missing$/),
      `job <3> was called for by attempt ${called?.no}, which is not in the records`,
      'a process ended without being asked to: SIGABRT',
    ]),
  );
  expect(await findOrphans(environment)).toEqual([]);
  await environment.store.put('images/ab/left-over', Buffer.from('x'), png);
  expect(await findOrphans(environment)).toEqual(['images/ab/left-over']);
});
