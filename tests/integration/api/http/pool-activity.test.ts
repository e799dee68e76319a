/** What the calls of a pool came to: `GET /v1/pools/{name}/activity`. */
import { poolActivitySchema } from '@kiln/shared/schemas/pool';
import { beforeAll, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { engineNamed, readError } from '../support.ts';

let kiln: TestKiln;
let pool: string;
beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres') });
  const pools = (await (await kiln.request('/v1/pools')).json()) as { data: { name: string }[] };
  pool = pools.data[0]?.name ?? '';
});

async function readActivity(window: string) {
  const response = await kiln.request(`/v1/pools/${pool}/activity?window=${window}`);
  const activity = poolActivitySchema.strict().parse(await response.json());
  const sum = (name: Exclude<keyof (typeof activity.data)[number], 'at'>) =>
    activity.data.reduce((total, bucket) => total + bucket[name], 0);
  return { ...activity, sum };
}

test('calls are counted in the bucket in which they started, with what they came to', async () => {
  await kiln.control('POST', 'faults', { fault: 'openai moderation', times: 1 });
  const refused = await kiln.submit();
  await kiln.ended(refused.id);
  await kiln.control('POST', 'faults', { fault: 'azure quota, hint in milliseconds', times: 1 });
  const jobs = [await kiln.submit({ n: 3 }), await kiln.submit()];
  const ended = await Promise.all(jobs.map(({ id }) => kiln.ended(id)));
  // A start that was missed is no call.
  await kiln.deps.records.pool.query(
    `insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker, status, error)
     values ($1, 40, 'default', 'd', $2, 'w', 'refused', '{"code": "start_missed"}')`,
    [refused.id, pool],
  );
  await kiln.deps.records.pool.query(
    `insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker, status,
       started_at, cost_micros)
     select $1, 50 + number, 'default', 'd', $2, 'w', 'succeeded',
       now() - number * interval '5 hours', 10 from generate_series(1, 5) as number`,
    [refused.id, pool],
  );

  const hour = await readActivity('1h');
  expect(hour.bucket_seconds).toBe(60);
  expect(hour.data).toHaveLength(60);
  const first = hour.data[0]?.at ?? 0;
  expect(hour.data.map(({ at }) => at)).toEqual(
    Array.from({ length: 60 }, (_, index) => first + 60 * index),
  );
  const { rows } = await kiln.deps.records.pool.query<{ calls: number }>(
    `select count(*)::int as calls from kiln.attempts
      where no < 50 and error->>'code' is distinct from 'start_missed'`,
  );
  expect(hour.sum('started')).toBe(rows[0]?.calls);
  expect(hour.sum('succeeded')).toBe(2);
  expect(hour.sum('rejected')).toBe(1);
  expect(hour.sum('rate_limited')).toBe(1);
  expect(hour.sum('refused')).toBe(1);
  expect(hour.sum('images')).toBe(4);
  const cost = ended.reduce((total, job) => total + (job.cost.actual ?? 0), 0);
  expect(hour.sum('cost')).toBeCloseTo(cost, 6);

  const day = await readActivity('24h');
  expect(day.data).toHaveLength(96);
  // Calls that an earlier release recorded count as one picture. The oldest is before this day.
  expect(day.sum('started') - hour.sum('started')).toBe(4);
  expect(day.sum('images') - hour.sum('images')).toBe(4);
});

test.each([
  ['an unknown pool', '/v1/pools/none/activity', 404, 'pool_not_found', 'name'],
  ['an unknown window', '/v1/pools/none/activity?window=2h', 400, 'invalid_request', 'window'],
])('%s is refused', async (_what, path, status, code, param) => {
  expect(await readError(await kiln.request(path))).toMatchObject({ status, code, param });
});
