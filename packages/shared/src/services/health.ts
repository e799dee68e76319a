/**
 * Checks whether the database and the queue engine answer now. One that does not within 800 ms
 * counts as unavailable: an orchestrator's probe waits for one second.
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
    check(() => sql`select 1`.execute(db)),
    check(() => engine.ping()),
  ]);
  return { database, queue };
}

async function check(probe: () => Promise<unknown>): Promise<Health> {
  try {
    const { status } = await withDeadline(timeoutMs, probe);
    return status === 'done' ? 'ok' : 'unavailable';
  } catch {
    return 'unavailable';
  }
}
