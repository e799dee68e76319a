/**
 * Checks whether the database and the queue engine take writes now: after a failover a connection
 * may lead to a server that only reads. One that does not answer within 800 ms counts as
 * unavailable: an orchestrator's probe waits for one second.
 */
import { sql } from 'kysely';
import { withDeadline } from '../deadline.ts';
import type { QueueEngine } from '../queue/queue-engine.ts';
import type { Database } from '../records/database/open-records.ts';

export interface HealthDeps {
  db: Database;
  engine: QueueEngine;
}

type Health = 'ok' | 'unavailable';

const timeoutMs = 800;

export async function checkHealth({
  db,
  engine,
}: HealthDeps): Promise<{ database: Health; queue: Health }> {
  const [database, queue] = await Promise.all([
    check(() => checkWritable(db)),
    check(() => engine.ping()),
  ]);
  return { database, queue };
}

async function checkWritable(db: Database): Promise<void> {
  const { rows } = await sql<{ read_only: string }>`
    select current_setting('transaction_read_only') as read_only`.execute(db);
  if (rows[0]?.read_only === 'on') throw new Error('the database is read-only');
}

async function check(probe: () => Promise<unknown>): Promise<Health> {
  try {
    const { status } = await withDeadline(timeoutMs, probe);
    return status === 'done' ? 'ok' : 'unavailable';
  } catch {
    return 'unavailable';
  }
}
