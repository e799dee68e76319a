/** Which bulk actions workers take first. */
import { listDueBulkActions } from '@kiln/shared/records/bulk-actions/bulk-action-runs';
import { expect, test } from 'vitest';
import { openTestRecords } from '../support.ts';

const { db, pool } = await openTestRecords();

test('a project with very many actions does not keep another one waiting', async () => {
  await pool.query(`
    insert into kiln.bulk_actions (id, project_id, action, params, image_ids, selected_at, total,
      status, request_id)
    select 'blk_' || lpad(n::text, 4, '0'), case when n < 1000 then 'busy' else 'other' end,
      'trash', '{}', '{}', now(), 0, 'queued', 'req_test'
    from generate_series(0, 1000) as n`);
  const due = await listDueBulkActions(db);
  expect(due).toHaveLength(1_000);
  expect(due.slice(0, 3)).toEqual(['blk_0000', 'blk_1000', 'blk_0001']);
});
