/**
 * The ledger as a worker writes it: claims, attempts, settlements and returns of jobs that are at
 * the same step at the same time share a statement each (`database/group-writes.ts`). Each promise
 * resolves after the commit of its own job's part, and rejects for that job alone, unless the
 * database is unavailable. Used by `services/running`.
 */
import type { JobStatus } from '../../domain/job-state.ts';
import { groupWrites } from '../database/group-writes.ts';
import type { Database } from '../database/open-records.ts';
import { openAttempts, type AttemptToOpen } from './attempts.ts';
import { claimJobs, type Claim, type ClaimOutcome } from './claims.ts';
import { returnDispatches, type Dispatch } from './dispatches.ts';
import {
  openAttempt,
  settleFaults,
  settleSucceeded,
  type CallTarget,
  type ClaimedFault,
  type ImageSettlement,
  type SettledImages,
} from './settlements.ts';

export interface Ledger {
  claim(claim: Claim): Promise<ClaimOutcome>;
  openAttempt(attempt: AttemptToOpen): Promise<CallTarget | 'refused' | 'closed'>;
  settleSucceeded(settlement: ImageSettlement): Promise<SettledImages | null>;
  settleFault(fault: ClaimedFault): Promise<JobStatus | null>;
  /** The job waits for a new dispatch. */
  returnDispatch(dispatch: Pick<Dispatch, 'id' | 'dispatchNo'>): Promise<void>;
}

export function createLedger(db: Database, leaseMs: number): Ledger {
  const keyOf = ({ claim }: { claim: Claim }): string => claim.jobId;
  const openTogether = groupWrites({
    write: (attempts: readonly AttemptToOpen[]) => openAttempts(db, attempts),
    keyOf,
  });
  return {
    claim: groupWrites({
      write: (claims: readonly Claim[]) => claimJobs(db, claims, leaseMs),
      keyOf: ({ jobId }) => jobId,
    }),
    async openAttempt(attempt) {
      const { claim, no, deployments, avoid } = attempt;
      return (await openTogether(attempt)) ?? openAttempt(db, claim, no, deployments, avoid);
    },
    settleSucceeded: groupWrites({
      write: (settlements: readonly ImageSettlement[]) => settleSucceeded(db, settlements),
      keyOf,
    }),
    settleFault: groupWrites({
      write: (faults: readonly ClaimedFault[]) => settleFaults(db, faults),
      keyOf,
    }),
    returnDispatch: groupWrites({
      async write(dispatches: readonly Pick<Dispatch, 'id' | 'dispatchNo'>[]) {
        await returnDispatches(db, dispatches);
        return dispatches.map(() => undefined);
      },
      keyOf: ({ id }) => id,
    }),
  };
}
