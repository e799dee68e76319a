/**
 * A bulk action over 20,000 images changes each of them once, although its worker is killed in the
 * middle of a chunk, and a caller stops and resumes it.
 */
import { bulkActionSchema, type BulkAction } from '@kiln/shared/schemas/gallery/bulk-action';
import { expect, onTestFinished, test } from 'vitest';
import { plainPicture, writeImages } from '../../scripts/gallery/write-images.ts';
import { oneEngine } from '../support/engines/engine-matrix.ts';
import { engines } from '../support/engines/engines.ts';
import { postJson, startKiln, type TestKiln } from '../support/kiln.ts';
import { startProxy } from '../support/network/proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { startProcess } from './rig/kiln-process.ts';
import { createWireHolds } from './rig/wire-holds.ts';

const images = 20_000;
const inChunk = 500;
const chunksBeforeKill = 10;
/** The image at which a chunk has to wait. */
const lockedImage = 15_250;

const [engineName] = oneEngine(import.meta.filename);
const engine = engines.find(({ name }) => name === engineName);

test('a killed, stopped and resumed action changes each image once', async () => {
  if (engine === undefined) throw new Error('there is no engine');
  const kiln = await startKiln({ engine, workers: false, env: { KILN_LEASE_MS: '1000' } });
  const { pool } = kiln.deps.records;
  await writeImages(pool, { images, pictures: [plainPicture] });
  await pool.query(`
    update kiln.images set starred = false;
    create table kiln.test_changes (job_id text, index int);
    create function kiln.note_change() returns trigger language plpgsql as $$
    begin
      insert into kiln.test_changes select job_id, index from changed;
      return null;
    end $$;
    create trigger note_change after update on kiln.images
      referencing new table as changed for each statement execute function kiln.note_change()`);

  const selection = await postJson(`${kiln.url}/v1/selections`, { filter: {} });
  const { id: selectionId, count } = (await selection.json()) as { id: string; count: number };
  expect(count).toBe(images);
  const response = await postJson(`${kiln.url}/v1/bulk_actions`, {
    action: 'star',
    selection_id: selectionId,
    params: { starred: true },
  });
  const { id, total } = (await response.json()) as BulkAction;
  expect(total).toBe(images);

  // The worker is killed before its statement that moves on arrives: the chunk is rolled back.
  await killWorkerInChunk(kiln);
  expect(await read(kiln, id)).toMatchObject({
    status: 'running',
    done: chunksBeforeKill * inChunk,
  });

  // Another worker goes on when the lease has lapsed. A locked image keeps it in a chunk, so the
  // stop comes in the middle of it.
  const locking = await pool.connect();
  await locking.query('begin');
  await locking.query(
    `select from kiln.images where (job_id, index) = (select job_id, index from kiln.images
      order by job_id desc, index offset $1 limit 1) for update`,
    [lockedImage],
  );
  await kiln.startWorkers();
  const atLock = Math.floor(lockedImage / inChunk) * inChunk;
  await waitFor(async () => (await read(kiln, id)).done === atLock, {
    what: 'the second worker to come to the locked image',
  });
  const stopping = postJson(`${kiln.url}/v1/bulk_actions/${id}/stop`, {});
  await locking.query('commit');
  locking.release();
  const stopped = (await (await stopping).json()) as BulkAction;
  expect(stopped.status).toBe('stopped');
  expect([atLock, atLock + inChunk]).toContain(stopped.done);
  expect(await countChanges(kiln)).toEqual({ changes: stopped.done, images: stopped.done });

  const resumed = await postJson(`${kiln.url}/v1/bulk_actions/${id}/resume`, {});
  expect(resumed.status).toBe(200);
  const ended = await waitFor(
    async () => {
      const action = await read(kiln, id);
      return action.status !== 'queued' && action.status !== 'running' && action;
    },
    { what: 'the action to end' },
  );
  expect(ended).toMatchObject({ status: 'completed', done: images, failed: 0, total: images });
  expect(await countChanges(kiln)).toEqual({ changes: images, images });
});

async function killWorkerInChunk(kiln: TestKiln): Promise<void> {
  const link = await startProxy(kiln.databaseUrl);
  onTestFinished(() => link.close());
  const holds = createWireHolds(link);
  const held = holds.set({
    hold: 'before',
    texts: ['update kiln.bulk_actions set done_count'],
    skip: chunksBeforeKill,
  });
  const worker = await startProcess('worker', {
    DATABASE_URL: link.url,
    KILN_SIMULATOR_URL: kiln.simulatorUrl,
    KILN_DATA_DIR: `${kiln.dataDir}/killed`,
    KILN_LEASE_MS: '1000',
    KILN_MIN_FREE_BYTES: '0',
    LOG_LEVEL: 'warn',
    ...(kiln.redisUrl === null ? {} : { REDIS_URL: kiln.redisUrl }),
  });
  await waitFor(() => held.isHolding(), { what: 'the worker to be in a chunk' });
  worker.signal('SIGKILL');
  await worker.ended;
  holds.cut();
}

async function read(kiln: TestKiln, id: string): Promise<BulkAction> {
  return bulkActionSchema.parse(await (await kiln.request(`/v1/bulk_actions/${id}`)).json());
}

async function countChanges({ deps }: TestKiln): Promise<{ changes: number; images: number }> {
  const { rows } = await deps.records.pool.query<{ changes: number; images: number }>(
    `select count(*)::int as changes, count(distinct (job_id, index))::int as images
     from kiln.test_changes`,
  );
  return rows[0] ?? { changes: 0, images: 0 };
}
