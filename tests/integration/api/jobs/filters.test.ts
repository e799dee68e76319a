/** `GET /v1/jobs` by error code, custom id and metadata, in any combination with other filters. */
import { expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { engineNamed, readError, type JobList } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const { pool } = kiln.deps.records;

/** Sixty rows, oldest first: every third has failed, every other one succeeded. */
await pool.query(
  `insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, endpoint, model, route,
     request, metadata, warnings, priority, max_attempts, request_id, status, error)
   select 'job_0' || lpad(n::text, 31, '0'), 'default', 'batch_' || n % 2, n, 'row ' || n % 10, '',
     'gpt-image-2', 'simulator', jsonb_build_object('prompt', 'A boat ' || n),
     jsonb_build_object('order', (n % 7)::text, 'shop', 'north'), '[]', 1, 5, '',
     case when n % 3 = 0 then 'failed' else 'succeeded' end,
     case when n % 3 = 0 then jsonb_build_object('code', case when n % 2 = 0 then 'content_policy'
       else 'rate_limited' end, 'message', '', 'param', null, 'moderation', null) end
   from generate_series(1, 60) n`,
);

async function find(query: string): Promise<number[]> {
  const response = await kiln.request(`/v1/jobs?limit=100&${query}`);
  expect([response.status, await response.clone().json()]).toEqual([200, expect.anything()]);
  return ((await response.json()) as JobList).data.map(({ id }) => Number(id.slice(5)));
}

const numbers = (matches: (n: number) => boolean) =>
  Array.from({ length: 60 }, (_, index) => 60 - index).filter(matches);

test.each([
  ['error_code=content_policy', (n: number) => n % 6 === 0],
  ['error_code=content_policy&batch_id=batch_1', () => false],
  ['error_code=rate_limited&status=failed', (n: number) => n % 6 === 3],
  ['error_code=rate_limited&status=succeeded', () => false],
  ['custom_id=row%203', (n: number) => n % 10 === 3],
  ['custom_id=row%203&status=failed', (n: number) => n % 30 === 3],
  ['custom_id=row%203&error_code=rate_limited', (n: number) => n % 30 === 3],
  ['custom_id=ROW%203', () => false],
  ['metadata[order]=3', (n: number) => n % 7 === 3],
  ['metadata%5Border%5D=3', (n: number) => n % 7 === 3],
  ['metadata[order]=3&metadata[shop]=north', (n: number) => n % 7 === 3],
  ['metadata[order]=3&metadata[shop]=south', () => false],
  ['metadata[order]=3&status=failed&custom_id=row%203', (n: number) => n === 3],
  ['metadata[order]=3&error_code=content_policy', (n: number) => n % 42 === 24],
  ['metadata[shop]=north&q=boat%205', (n: number) => n === 5 || (n >= 50 && n < 60)],
  ['q=boat&error_code=content_policy&model=gpt-image-2', (n: number) => n % 6 === 0],
])('%s', async (query, matches) => {
  expect(await find(query)).toEqual(numbers(matches));
});

test('pages of a filter have every job once', async () => {
  const ids: string[] = [];
  for (let after = ''; ;) {
    const response = await kiln.request(`/v1/jobs?limit=2&error_code=content_policy${after}`);
    const page = (await response.json()) as JobList;
    ids.push(...page.data.map(({ id }) => id));
    if (!page.has_more) break;
    after = `&after=${page.last_id}`;
  }
  expect(ids.map((id) => Number(id.slice(5)))).toEqual(numbers((n) => n % 6 === 0));
});

test('a search for metadata says whether it covered every job', async () => {
  const response = await kiln.request('/v1/jobs?metadata[order]=3');
  expect(await response.json()).toMatchObject({ search_complete: true });
});

test.each([
  ['metadata=17', 'metadata'],
  ['metadata[]=17', 'metadata.'],
  [`metadata[${'x'.repeat(65)}]=1`, 'metadata'],
  ['metadata[a]=1&metadata[a]=2', 'metadata.a'],
  ['error_code=', 'error_code'],
  [`custom_id=${'x'.repeat(257)}`, 'custom_id'],
])('%s is refused', async (query, param) => {
  const { status, param: named } = await readError(await kiln.request(`/v1/jobs?${query}`));
  expect(status).toBe(400);
  expect(named).toContain(param);
});

test('the indexes answer each of the filters', async () => {
  // Many jobs, of which few match.
  await pool.query(
    `insert into kiln.jobs (id, project_id, custom_id, endpoint, model, route, request, metadata,
       warnings, priority, max_attempts, request_id, status, error)
     select 'job_1' || lpad(n::text, 31, '0'), 'default', 'other ' || n, '', 'gpt-image-2',
       'simulator', '{"prompt": "A harbour"}', jsonb_build_object('order', 'other ' || n), '[]', 1,
       5, '', 'failed', '{"code": "expired", "message": "", "param": null, "moderation": null}'
       from generate_series(1, 5000) n`,
  );
  await pool.query('analyze kiln.jobs');
  const planOf = async (condition: string) => {
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
      `explain select id from kiln.jobs where project_id = 'default' and deleted_at is null
        and ${condition} order by id desc limit 21`,
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  expect(await planOf(`custom_id is not null and custom_id = 'row 3'`)).toContain(
    'jobs_by_custom_id',
  );
  expect(await planOf(`error is not null and error ->> 'code' = 'content_policy'`)).toContain(
    'jobs_by_error',
  );
  expect(await find('custom_id=other%207')).toEqual([7]);
  const old = await kiln.request('/v1/jobs?metadata[order]=3&limit=1');
  expect(await old.json()).toMatchObject({ data: { length: 1 }, search_complete: true });
});
