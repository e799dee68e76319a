/** The statements of `records/jobs` that serve several jobs at a time, for one job. */
import type { JobStatus } from '@kiln/shared/domain/job-state';
import type { Database } from '@kiln/shared/records/database/open-records';
import type { KeptImage } from '@kiln/shared/records/images/kept-images';
import { claimJobs, type Claim, type ClaimOutcome } from '@kiln/shared/records/jobs/claims';
import {
  settleFaults,
  settleSucceeded as settleAllSucceeded,
  type AnswerFacts,
  type FaultSettlement,
} from '@kiln/shared/records/jobs/settlements';

export async function claimJob(db: Database, claim: Claim, leaseMs: number): Promise<ClaimOutcome> {
  const [outcome] = await claimJobs(db, [claim], leaseMs);
  return outcome!;
}

export async function settleSucceeded(
  db: Database,
  claim: Claim,
  attemptNo: number,
  facts: AnswerFacts,
  images: readonly KeptImage[],
): Promise<boolean> {
  const [settled] = await settleAllSucceeded(db, [{ claim, attemptNo, facts, images }]);
  return settled !== null;
}

export async function settleFault(
  db: Database,
  claim: Claim,
  attemptNo: number,
  fault: FaultSettlement,
): Promise<JobStatus | null> {
  const [became] = await settleFaults(db, [{ claim, attemptNo, fault }]);
  return became!;
}
