/** What stays in the spool after a crash: answers that were settled need it no longer; all others wait for their job to come back. */
import type { Logger } from '../logger.ts';
import { findAttempt } from '../records/attempts.ts';
import type { Database } from '../records/open-records.ts';
import type { Spool } from '../storage/spool.ts';

/** At boot. Returns how many answers still wait. */
export async function sweepSpool(deps: { db: Database; spool: Spool; log: Logger }): Promise<number> {
  let waiting = 0;
  for (const attempt of await deps.spool.list()) {
    const recorded = await findAttempt(deps.db, attempt.jobId, attempt.no);
    if (recorded?.status === 'succeeded' || recorded?.job_status === 'succeeded')
      await deps.spool.discard(attempt);
    else waiting += 1;
  }
  if (waiting > 0)
    deps.log.warn(
      { answers: waiting },
      'answers wait in the spool; their jobs will be finished without another call',
    );
  return waiting;
}
