/** Events as the API lists them. */
import type { Event } from '@kiln/shared/schemas/event';
import type { TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';

export async function readEvents(kiln: TestKiln, query = '') {
  const response = await kiln.request(`/v1/events${query}`, {
    headers: { accept: 'application/json' },
  });
  return (await response.json()) as { data: Event[]; has_more: boolean; last_id: string };
}

/** Waits for the first event: an event becomes readable shortly after its change. */
export function firstEvent(kiln: TestKiln, query = ''): Promise<Event> {
  return waitFor(async () => (await readEvents(kiln, query)).data[0], {
    what: `the first event to be readable ${query}`,
  });
}
