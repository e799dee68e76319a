/**
 * What stays in the spool after a crash. Answers that were settled need it no longer; those whose
 * job may still come back for them wait. An answer whose job has ended without it is counted: it
 * was paid for. Its pictures go to the object store where the job may be asked for again, which
 * then needs no call (`recover-attempts.ts`); they go with the age of results.
 */
import { isFinal, isTerminal, type JobStatus } from '../../domain/job-state.ts';
import type { Logger } from '../../logger.ts';
import { findAttempt } from '../../records/jobs/attempts.ts';
import type { Database } from '../../records/database/open-records.ts';
import { settleLate, type AnswerFacts } from '../../records/jobs/settlements.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Spool, SpooledAttempt } from '../../storage/local/spool.ts';
import { inspectAll, storeImages } from '../running/answers.ts';

export interface SpoolDeps {
  db: Database;
  spool: Spool;
  store: ObjectStore;
  log: Logger;
}

/** At boot. Returns how many answers still wait. */
export async function sweepSpool(deps: SpoolDeps): Promise<number> {
  let waiting = 0;
  for (const attempt of await deps.spool.list()) {
    const isOver = await sweep(deps, attempt).catch((err: unknown) => {
      deps.log.error(
        { err, ...attempt },
        'a spooled answer could not be settled; the next start tries again',
      );
      return false;
    });
    if (!isOver) waiting += 1;
  }
  if (waiting > 0)
    deps.log.warn(
      { answers: waiting },
      'answers wait in the spool; their jobs will be finished without another call',
    );
  return waiting;
}

/** False where the answer is still waited for. */
async function sweep(deps: SpoolDeps, attempt: SpooledAttempt): Promise<boolean> {
  const recorded = await findAttempt(deps.db, attempt.jobId, attempt.no);
  if (recorded === undefined) return false;
  if (recorded.status !== 'succeeded') {
    if (!isTerminal(recorded.job_status)) return false;
    await settleEnded(deps, attempt, recorded.job_status);
  }
  await deps.spool.discard(attempt);
  return true;
}

async function settleEnded(
  { db, spool, store, log }: SpoolDeps,
  attempt: SpooledAttempt,
  jobStatus: JobStatus,
): Promise<void> {
  const answer = await spool.find(attempt);
  if (answer === null) return;
  if (!isFinal(jobStatus)) await storeImages(store, attempt, await inspectAll(answer.images));
  await settleLate(db, attempt, answer.facts as AnswerFacts);
  log.warn(
    { ...attempt, jobStatus },
    'an answer was found when its job had ended; what it cost is recorded',
  );
}
