/** `Idempotency-Key`, as every use-case that creates something takes it. */
import { createHash } from 'node:crypto';
import { KilnError } from '../errors.ts';
import type { CreateOutcome, UsedKey } from '../records/idempotency-keys.ts';

/**
 * The hash is of what was asked for, so that the order of fields and white space make no other
 * request of it.
 */
export function hashOf(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request, withSortedFields)).digest('hex');
}

/**
 * For JSON.stringify: two objects that differ in nothing but the order of their fields become the
 * same text.
 */
function withSortedFields(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/**
 * The answer kept for the key, or the one just made. Throws `idempotency_in_flight` and
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

/** The same for a key that is known not to be free. */
export function settleUsedKey<Answer extends { id: string }>(
  used: UsedKey<Answer>,
): { status: 'replayed'; answer: Answer } {
  switch (used.status) {
    case 'replayed':
      return used;
    case 'in_flight':
      throw new KilnError(
        'idempotency_in_flight',
        'Idempotency-Key: a request with this key is being answered right now',
        { param: 'Idempotency-Key', retryAfterMs: 1_000 },
      );
    case 'key_reused':
      throw new KilnError(
        'idempotency_key_reused',
        'Idempotency-Key: this key came with another body before; a new request needs a new key',
        { param: 'Idempotency-Key' },
      );
  }
}
