/** `Idempotency-Key`, as every use case that creates something applies it. */
import { createHash } from 'node:crypto';
import { KilnError } from '../errors.ts';
import type { CreateOutcome, UsedKey } from '../records/idempotency-keys.ts';

/** Hashes the parsed request, so that the order of fields and white space make no difference. */
export function hashOf(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request, withSortedFields)).digest('hex');
}

/**
 * Replacer for JSON.stringify: objects that differ only in the order of their fields give the same
 * text.
 */
function withSortedFields(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/**
 * Returns the answer stored for the key, or the one just made. Throws `idempotency_in_flight` and
 * `idempotency_key_reused`.
 */
export function settleKey<Answer extends { id: string }>(
  outcome: CreateOutcome<Answer>,
  made: Answer,
): { status: 'created' | 'replayed'; answer: Answer } {
  return outcome.status === 'created'
    ? { status: 'created', answer: made }
    : settleUsedKey(outcome);
}

/** Like `settleKey`, for a key that is known to be used. */
export function settleUsedKey<Answer extends { id: string }>(
  used: UsedKey<Answer>,
): { status: 'replayed'; answer: Answer } {
  switch (used.status) {
    case 'replayed':
      return used;
    case 'in_flight':
      throw new KilnError(
        'idempotency_in_flight',
        'Idempotency-Key: a request with this key is still being answered; retry',
        { param: 'Idempotency-Key', retryAfterMs: 1_000 },
      );
    case 'key_reused':
      throw new KilnError(
        'idempotency_key_reused',
        'Idempotency-Key: this key was used with another body; use a new key for a new request',
        { param: 'Idempotency-Key' },
      );
  }
}
