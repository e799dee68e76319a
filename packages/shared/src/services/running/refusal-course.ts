/**
 * Decides what follows a call that a deployment refused: whom the refusal belongs to, as far as it
 * is known yet. Pure: `records/jobs/refusals.ts` has the facts, `services/running` acts on them.
 */
import type { RefusalFacts } from '../../records/jobs/refusals.ts';

/**
 * A job that is refused this often, while no other job is there to be tried, is at fault itself. If
 * the provider named another owner, one of these refusals at least was followed by an answer to
 * another job.
 */
const refusalsAlone = 3;

export interface RefusalEvidence extends Omit<RefusalFacts, 'alsoRefusedAt'> {
  /** The provider named the owner, and it is not the job. */
  isCertain: boolean;
  /** The refusal concerns the job's model only. */
  isOfModel: boolean;
}

export interface RefusalCourse {
  /**
   * * `fail`: the refusal is the job's own
   * * `elsewhere`: the job is called for at another deployment at once
   * * `rest`: the job waits until another one was tried, or until the next probe
   */
  job: 'fail' | 'elsewhere' | 'rest';
  /** The deployment, or the model there, is closed to all jobs but probes. */
  isPaused: boolean;
}

export function courseAfterRefusal(evidence: RefusalEvidence): RefusalCourse {
  const { isCertain, isOfModel, alone, strikes, isBlamed } = evidence;
  const { othersRefused, isAnswering, othersWait } = evidence;
  const isLonely = !othersRefused && !othersWait;
  // While no other job is there, a pause would only keep the next one from showing whose it was.
  const isPaused = (othersRefused && !isAnswering) || (isLonely && (isCertain || isOfModel));
  if (evidence.hasAlternative) return { job: 'elsewhere', isPaused: othersRefused && isPaused };
  const isOwn = isLonely && strikes + alone >= refusalsAlone && (!isCertain || strikes > 0);
  if (isBlamed || isOwn) return { job: 'fail', isPaused: false };
  return { job: 'rest', isPaused };
}
