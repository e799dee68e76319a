/**
 * Whether what Kiln depends on answers now: within the second that an orchestrator waits, or it
 * counts as unavailable.
 */
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { QueueEngine } from '../queue/queue-engine.ts';
import type { Database } from '../records/database/open-records.ts';

export interface HealthDeps {
  db: Database;
  engine: QueueEngine;
}

type Health = 'ok' | 'unavailable';

const patienceMs = 800;

export async function checkHealth({
  db,
  engine,
}: HealthDeps): Promise<{ database: Health; queue: Health }> {
  const [database, queue] = await Promise.all([
    answers(sql`select 1`.execute(db)),
    answers(engine.ping()),
  ]);
  return { database, queue };
}

function answers(probe: Promise<unknown>): Promise<Health> {
  const answered = probe.then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  );
  return Promise.race([answered, silence()]);
}

/**
 * In a process that was held up an answer may have come meanwhile, and is read after the timers.
 */
async function silence(): Promise<Health> {
  await delay(patienceMs, null, { ref: false });
  return nextTurn('unavailable');
}
