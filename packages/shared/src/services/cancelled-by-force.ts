/** What the ledger says of a call that was under way when its job was cancelled by force. */
import type { FaultCode } from '../provider/faults/fault-codes.ts';

export const cancelledByForce = {
  code: 'cancelled_by_force' satisfies FaultCode,
  message:
    'The job was cancelled by force during the call; it is unknown whether the call was ' +
    'executed and billed',
};
