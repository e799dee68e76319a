/** Jobs that wait while the configuration changes are led to where their model is served now; those of the simulator never are. */
import type { Deployment } from '@kiln/shared/domain/deployment';
import { buildRoutes } from '@kiln/shared/domain/routes';
import { requeueJob } from '@kiln/shared/records/decisions';
import { reroute } from '@kiln/shared/records/routes';
import { beforeEach, expect, test } from 'vitest';
import { addJob, openTestRecords, readRow } from './support.ts';

const records = await openTestRecords();
const { db, pool } = records;

beforeEach(async () => {
  await pool.query('truncate kiln.jobs cascade');
});

function deployment(model: string | null): Deployment {
  return {
    name: `serves-${model ?? 'any'}`,
    pool: 'default',
    provider: 'openai',
    model,
    defaultModel: model ?? 'gpt-image-2',
    baseUrl: '',
    apiKey: 'k',
    azure: null,
    stream: null,
  };
}

const onlyAny = buildRoutes([deployment(null)]);
const named = buildRoutes([deployment('mini'), deployment(null)]);
const onlyTwo = buildRoutes([deployment('gpt-image-2')]);

async function routesOf(ids: readonly string[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await readRow(records, id)).route));
}

test('a model that is named from now on, and one that is named no longer', async () => {
  const ids = [
    await addJob(records, { route: '*', model: 'mini' }),
    await addJob(records, { route: '*', model: 'gpt-image-2' }),
    await addJob(records, { route: 'simulator', model: 'mini' }),
  ];
  await reroute(records, named);
  expect(await routesOf(ids)).toEqual(['mini', '*', 'simulator']);
  await reroute(records, onlyAny);
  expect(await routesOf(ids)).toEqual(['*', '*', 'simulator']);
  await reroute(records, onlyTwo);
  // Nobody serves the first: it waits until somebody does.
  expect(await routesOf(ids)).toEqual(['*', 'gpt-image-2', 'simulator']);
});

test('held jobs are led as well; one that has ended when it is asked for again', async () => {
  const [held, failed] = [
    await addJob(records, { route: '*', model: 'mini' }),
    await addJob(records, { route: '*', model: 'mini' }),
  ];
  await pool.query(`update kiln.jobs set status = 'held' where id = $1`, [held]);
  await pool.query(`update kiln.jobs set status = 'failed' where id = $1`, [failed]);
  await reroute(records, onlyAny);
  await reroute(records, named);
  expect(await routesOf([held, failed])).toEqual(['mini', '*']);
  await requeueJob(db, 'default', failed, ['failed'], named);
  expect(await routesOf([failed])).toEqual(['mini']);
});
