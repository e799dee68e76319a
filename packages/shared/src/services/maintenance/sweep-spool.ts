/**
 * Cleans the spool after a crash, at the start of a worker. Settled answers are removed. Answers
 * whose job may still be run again stay, so that it needs no second call (`recover-attempts.ts`).
 * An answer whose job has ended without it is added to the costs, since it was paid for; its images
 * go to the object store when the job may still be retried, and are deleted when results expire.
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

/** Runs when a worker starts. Returns how many answers still wait for their jobs. */
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
      'answers wait in the spool; their jobs are finished without another call',
    );
  return waiting;
}

/** Returns false when the answer must stay for its job. */
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
    'an answer was found after its job had ended; its cost is recorded',
  );
}
