/**
 * Queue `deliveries`: makes one try of one delivery. A duplicate work item does nothing, because
 * the claim is conditional on the dispatch number.
 */
import { deliverEvent } from '@kiln/shared/services/webhooks/deliver-event';
import { defineProcessor } from '../processor.ts';

export const deliverEvents = defineProcessor('deliveries', async (dispatch, { deliveries }) => {
  await deliverEvent(deliveries, dispatch);
  return { status: 'done' };
});
