import { KilnError } from '../../../errors.ts';
import type { BatchOptions } from '../../../schemas/batch.ts';

/** Throws `invalid_request` if the deadline of a new batch is in the past. */
export function checkDeadline({ deadline }: BatchOptions): void {
  if (deadline === undefined || deadline * 1000 > Date.now()) return;
  throw new KilnError(
    'invalid_request',
    `deadline: received ${deadline}, which is in the past; it takes a time in the future, in ` +
      'Unix seconds',
    { param: 'deadline' },
  );
}
