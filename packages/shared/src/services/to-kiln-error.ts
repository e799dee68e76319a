/**
 * Any error as one of the catalogue, for an answer. What is not known is `internal_error`, whose
 * cause stays in the log.
 */
import { KilnError } from '../errors.ts';
import { isDatabaseAway } from '../records/database/availability.ts';
import { StorageError } from '../storage/object-store.ts';

export function toKilnError(error: unknown): KilnError {
  if (error instanceof KilnError) return error;
  if (isDatabaseAway(error)) {
    return new KilnError(
      'database_unavailable',
      'the database does not answer; try again, with an Idempotency-Key where something is to be made only once',
      { retryAfterMs: 5_000, cause: error },
    );
  }
  if (error instanceof StorageError) {
    return new KilnError(
      'storage_unavailable',
      'the object store does not take or give bytes now; try again',
      {
        retryAfterMs: 5_000,
        cause: error,
      },
    );
  }
  return new KilnError(
    'internal_error',
    'something went wrong inside Kiln; its log has the details under this request id',
    { cause: error },
  );
}
