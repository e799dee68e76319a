/** Turns a missing row into the not-found error of its kind. */
import { KilnError } from '../errors.ts';
import { cutText } from '../schemas/text.ts';

const notFoundCodes = {
  job: 'job_not_found',
  batch: 'batch_not_found',
  file: 'file_not_found',
  'webhook endpoint': 'webhook_endpoint_not_found',
  delivery: 'delivery_not_found',
  'bulk action': 'bulk_action_not_found',
  album: 'album_not_found',
} as const;

/** Resolves with the row of `found`; throws the not-found error of `kind` when there is none. */
export async function findOrRefuse<Row>(
  kind: keyof typeof notFoundCodes,
  id: string,
  found: Promise<Row | undefined>,
): Promise<Row> {
  const row = await found;
  if (row === undefined) throw notFound(kind, id);
  return row;
}

export function notFound(kind: keyof typeof notFoundCodes, id: string): KilnError {
  return new KilnError(notFoundCodes[kind], `there is no ${kind} "${cutText(id, 100)}"`, {
    param: 'id',
  });
}
