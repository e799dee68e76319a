/**
 * Records a try of a delivery, for as long as the database is unavailable. A database that refuses
 * the record of the try would refuse it each time: then only the state of the delivery is recorded,
 * so that an event that arrived is not sent again, and one that did not has a last try.
 */
import type { Logger } from '../../logger.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import type { Database } from '../../records/database/open-records.ts';
import {
  settleTry,
  settleWithoutTry,
  type DeliveryDispatch,
  type Settlement,
  type Try,
} from '../../records/webhooks/delivery-dispatches.ts';
import { withoutLimit } from '../retry-limits.ts';

export async function recordTry(
  { db, log }: { db: Database; log: Logger },
  dispatch: DeliveryDispatch,
  made: Try,
  settlement: Settlement,
): Promise<{ isSettled: boolean; isWornOut: boolean }> {
  const limit = withoutLimit('recording a try of a webhook delivery', log);
  try {
    return await retryWhileUnavailable(() => settleTry(db, dispatch, made, settlement), limit);
  } catch (err) {
    log.error({ err, ...dispatch }, 'the database refused a try; only its outcome is recorded');
    const isSettled = await retryWhileUnavailable(
      () => settleWithoutTry(db, dispatch, settlement),
      limit,
    );
    return { isSettled, isWornOut: false };
  }
}
