import { KilnError } from '../../../errors.ts';
import type { BatchOptions } from '../../../schemas/batch.ts';

/** Throws `invalid_request` for a time that is over. */
export function checkDeadline({ deadline }: BatchOptions): void {
  if (deadline === undefined || deadline * 1000 > Date.now()) return;
  throw new KilnError(
    'invalid_request',
    `deadline: received ${deadline}, which is over; it takes a time to come, in Unix seconds`,
    { param: 'deadline' },
  );
}
