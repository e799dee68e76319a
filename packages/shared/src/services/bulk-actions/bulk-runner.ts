/**
 * Runs bulk actions in a worker.
 *
 * Approach: the records are the queue. The runner looks for actions that are due when it is
 * notified of a new one and whenever the reconciler finds one, leases one, and writes chunks for
 * about a second before the next one has its turn, so that a small action does not wait for a large
 * one. An action whose worker died is due when its lease has lapsed.
 * Guarantee: each image is changed once (`records/bulk-actions/chunks.ts`), and an action that Kiln
 * cannot go on with fails after a few runs instead of being tried for ever.
 */
import type { Config } from '../../config.ts';
import {
  failedRunPauseMs,
  longestFailedRunPauseMs,
  maxFailedRuns,
  maxLostWorkers,
} from '../../domain/retry-policy.ts';
import type { Logger, WarningLog } from '../../logger.ts';
import {
  extendBulkLease,
  failBulkAction,
  leaseBulkAction,
  listDueBulkActions,
  recordFailedBulkRun,
  type LeasedBulkAction,
} from '../../records/bulk-actions/bulk-action-runs.ts';
import { writeChunk } from '../../records/bulk-actions/chunks.ts';
import { isStatementTimeout } from '../../records/database/availability.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { RefusedClaims } from '../refused-claims.ts';
import { isUnavailable } from '../retry-limits.ts';

export interface BulkRunner {
  /** Looks for actions that are due. Returns at once and never throws. */
  wake(): void;
  /** Waits for the chunk that is being written. */
  close(): Promise<void>;
}

export interface BulkRunnerDeps {
  config: Pick<Config, 'leaseMs' | 'trashDays'>;
  db: Database;
  refusedClaims: RefusedClaims;
  log: Logger;
  /** Takes the warnings that an outage repeats: at most one a second. */
  outages: WarningLog;
}

const imagesInChunk = 500;
/** After this time another action has its turn. */
const turnMs = 1_000;

export function createBulkRunner(deps: BulkRunnerDeps): BulkRunner {
  const { db, outages } = deps;
  const closing = new AbortController();
  let isWoken = false;
  let running: Promise<void> | null = null;

  async function runAll(): Promise<void> {
    while (isWoken && !closing.signal.aborted) {
      isWoken = false;
      for (const id of await listDueBulkActions(db)) {
        if (closing.signal.aborted) return;
        if (await takeTurn(deps, id, closing.signal)) isWoken = true;
      }
    }
  }

  function start(): void {
    if (running !== null || closing.signal.aborted) return;
    running = runAll()
      .catch((err: unknown) => {
        isWoken = false;
        outages.warn({ err }, 'bulk actions could not go on; the reconciler wakes them again');
      })
      .finally(() => {
        running = null;
        if (isWoken) start();
      });
  }

  return {
    wake() {
      isWoken = true;
      start();
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** True if the action has more to do. */
async function takeTurn(deps: BulkRunnerDeps, id: string, closing: AbortSignal): Promise<boolean> {
  const { db, config, refusedClaims } = deps;
  const log = deps.log.child({ bulkActionId: id });
  const leased = await refusedClaims.claim({
    id,
    claim: () => leaseBulkAction(db, id, config.leaseMs),
    end: (runs) => giveUp({ db, log }, id, `ended with an error in Kiln ${runs} times`),
    log,
  });
  if (leased.status !== 'claimed' || leased.value === undefined) return false;
  const action = leased.value;
  if (action.lost_workers >= maxLostWorkers) {
    await giveUp({ db, log }, id, `lost its worker ${action.lost_workers} times`);
    return false;
  }
  try {
    const hasMore = await writeChunks({ ...deps, log }, action, closing);
    if (hasMore) await extendBulkLease(db, action, null);
    return hasMore;
  } catch (error) {
    if (isUnavailable(error) && !isStatementTimeout(error)) {
      await extendBulkLease(db, action, null);
      throw error;
    }
    log.error({ err: error }, 'a chunk of a bulk action failed; it is written after a pause');
    const runs = await recordFailedBulkRun(db, action, {
      pauseMs: failedRunPauseMs,
      longestMs: longestFailedRunPauseMs,
    });
    if (runs >= maxFailedRuns)
      await giveUp({ db, log }, id, `ended with an error in Kiln ${runs} times`);
    return false;
  }
}

async function writeChunks(
  { db, config: { leaseMs, trashDays }, log }: BulkRunnerDeps,
  action: LeasedBulkAction,
  closing: AbortSignal,
): Promise<boolean> {
  const beganAtMs = performance.now();
  while (!closing.aborted && performance.now() - beganAtMs < turnMs) {
    const outcome = await writeChunk(db, action, { images: imagesInChunk, leaseMs, trashDays });
    switch (outcome) {
      case 'written':
        continue;
      case 'completed':
        log.info({ action: action.action }, 'bulk action completed');
        return false;
      case 'over':
        return false;
      case 'no_album': {
        const albumId = action.params.album_id ?? '';
        await failBulkAction(db, action.id, {
          code: 'album_not_found',
          message: `there is no album "${albumId}" any more; what was done stays`,
        });
        return false;
      }
    }
  }
  return true;
}

/** A caller may resume the action when the reason is gone. */
async function giveUp(
  { db, log }: Pick<BulkRunnerDeps, 'db' | 'log'>,
  id: string,
  cause: string,
): Promise<void> {
  const isFailed = await failBulkAction(db, id, {
    code: 'run_failed',
    message: `The bulk action ${cause}; what was done stays. Resume it when the cause is gone`,
  });
  if (isFailed) log.error({ cause }, 'the bulk action fails');
}
