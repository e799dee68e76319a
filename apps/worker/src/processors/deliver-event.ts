/**
 * Queue `deliveries`: one try of one delivery. Idempotent: a try is claimed by the number of its
 * hand, and what follows is in the records.
 */
import { deliverEvent } from '@kiln/shared/services/webhooks/deliver-event';
import { defineProcessor } from '../processor.ts';

export const deliverEvents = defineProcessor('deliveries', async (dispatch, { deliveries }) => {
  await deliverEvent(deliveries, dispatch);
  return { status: 'done' };
});
