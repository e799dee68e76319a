/**
 * Maps any error to one of the catalogue, for a response. An unknown one becomes `internal_error`;
 * its cause is only in the log.
 */
import { KilnError } from '../errors.ts';
import { isDatabaseAway, isStatementTimeout } from '../records/database/availability.ts';
import { StorageError } from '../storage/object-store.ts';

export function toKilnError(error: unknown): KilnError {
  if (error instanceof KilnError) return error;
  if (isStatementTimeout(error)) {
    return new KilnError(
      'database_slow',
      'the database stopped a statement of this request because it took too long; try again, ' +
        'with an Idempotency-Key for a request that must be carried out only once',
      { retryAfterMs: 5_000, cause: error },
    );
  }
  if (isDatabaseAway(error)) {
    return new KilnError(
      'database_unavailable',
      'the database does not answer; try again, with an Idempotency-Key for a request that ' +
        'must be carried out only once',
      { retryAfterMs: 5_000, cause: error },
    );
  }
  if (error instanceof StorageError) {
    return new KilnError(
      'storage_unavailable',
      'the object store cannot be read or written now; try again',
      {
        retryAfterMs: 5_000,
        cause: error,
      },
    );
  }
  return new KilnError(
    'internal_error',
    'Kiln met an unexpected error; its log has the details under this request id',
    { cause: error },
  );
}
