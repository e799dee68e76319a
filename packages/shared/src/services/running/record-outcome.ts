/**
 * Records the outcome of a call, for as long as the database is unavailable.
 *
 * A database that refuses an outcome would refuse it at every try: then it is recorded without the
 * provider's words, so that the images and the cost are kept. If that is refused as well, the error
 * ends the run, and after a few such runs the job ends (`end-failing-job.ts`).
 */
import type { JobStatus } from '../../domain/job-state.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import type {
  AnswerFacts,
  ClaimedFault,
  ImageSettlement,
  SettledImages,
} from '../../records/jobs/settlements.ts';
import type { Logger } from '../../logger.ts';
import { withoutLimit } from '../retry-limits.ts';
import type { RunDeps } from './claimed-job.ts';

type RecordDeps = Pick<RunDeps, 'ledger'>;

/** Null if the job was settled already, or belongs to another worker. */
export async function recordImages(
  { ledger }: RecordDeps,
  log: Logger,
  settlement: ImageSettlement,
): Promise<SettledImages | null> {
  return recordOr(
    log,
    () => ledger.settleSucceeded(settlement),
    () => ledger.settleSucceeded({ ...settlement, facts: withoutWords(settlement.facts) }),
  );
}

/** Returns what the job became, or null if its claim was lost. */
export async function recordFault(
  { ledger }: RecordDeps,
  log: Logger,
  settlement: ClaimedFault,
): Promise<JobStatus | null> {
  const { fault } = settlement;
  const error = { code: fault.error.code, message: unrecordable, param: null, moderation: null };
  return recordOr(
    log,
    () => ledger.settleFault(settlement),
    () =>
      ledger.settleFault({
        ...settlement,
        fault: { ...fault, error, facts: withoutWords(fault.facts) },
      }),
  );
}

const unrecordable = "The provider's words could not be recorded; the log of the worker says why";

async function recordOr<T>(
  log: Logger,
  recordAll: () => Promise<T>,
  recordLess: () => Promise<T>,
): Promise<T> {
  const limit = withoutLimit('outcome', log);
  try {
    return await retryWhileUnavailable(recordAll, limit);
  } catch (err) {
    log.error(
      { err },
      'the database refused an outcome; it is recorded without the words of the provider',
    );
    return retryWhileUnavailable(recordLess, limit);
  }
}

function withoutWords({ httpStatus, costMicros }: AnswerFacts): AnswerFacts {
  return { httpStatus, costMicros, providerRequestId: null, usage: null };
}
