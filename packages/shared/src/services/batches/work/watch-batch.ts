/**
 * Watches the state of a batch while a worker reads its file, which may take minutes: a caller that
 * cancels or pauses the batch must not wait for that. Only the state is read, twice a second.
 */
import { findBatchState, type BatchRow } from '../../../records/batches/batches.ts';
import type { BatchWorkDeps } from './batch-work.ts';

const everyMs = 500;

export interface BatchWatch {
  /** Aborted when the process stops, or the batch is no longer as it was when the step began. */
  interrupted: AbortSignal;
  end(): void;
}

export function watchBatch(
  { db, stopping, log }: Pick<BatchWorkDeps, 'db' | 'stopping' | 'log'>,
  { id, status, paused_at: pausedAt }: Pick<BatchRow, 'id' | 'status' | 'paused_at'>,
): BatchWatch {
  const changed = new AbortController();
  let isReading = false;

  async function look(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      const state = await findBatchState(db, id);
      const isSame = state?.status === status && (state.paused_at === null) === (pausedAt === null);
      if (!isSame) changed.abort();
    } catch (err) {
      // The step itself meets the same outage, and decides what follows from it.
      log.debug({ err }, 'could not read the state of a batch; the next look does');
    } finally {
      isReading = false;
    }
  }

  const timer = setInterval(() => void look(), everyMs);
  return {
    interrupted: AbortSignal.any([stopping, changed.signal]),
    end: () => clearInterval(timer),
  };
}
