/** Whether what Kiln depends on answers now. */
import { sql } from 'kysely';
import type { QueueEngine } from '../queue/queue-engine.ts';
import type { Database } from '../records/open-records.ts';

export interface HealthDeps {
  db: Database;
  engine: QueueEngine;
}

type Health = 'ok' | 'unavailable';

export async function checkHealth({ db, engine }: HealthDeps): Promise<{ database: Health; queue: Health }> {
  const [database, queue] = await Promise.all([answers(sql`select 1`.execute(db)), answers(engine.ping())]);
  return { database, queue };
}

function answers(probe: Promise<unknown>): Promise<Health> {
  return probe.then(
    () => 'ok',
    () => 'unavailable',
  );
}
