/**
 * The key of a request: equal requests have equal keys, and what is not sent to the provider, or
 * only names the caller, makes no difference. A field that is left out counts as its default. The
 * pictures of an edit count by their bytes. Jobs of the simulator and of a provider never share a
 * key.
 *
 * Ingest makes a key for every row, so the part that the rows of a file share is built once.
 */
import { hash } from 'node:crypto';
import { composeText } from '../../domain/text/normalise-text.ts';
import { simulatorName } from '../../models/deployment.ts';
import type { ModelFacts } from '../../models/model-table.ts';
import type { Route } from '../../models/routes.ts';
import { listSources } from '../edits/sources.ts';
import type { RowRequest, StoredJobRequest } from '../../schemas/job-request.ts';

/** The hashes of files, by their ids. */
export type SourceHashes = ReadonlyMap<string, string>;

type PlannedRequest = RowRequest & Pick<StoredJobRequest, 'images' | 'mask' | 'markup'>;

/** Another version makes other keys. */
const version = 1;

/** Fields that are part of the key in another form, or that leave the picture as it is. */
const otherFields = new Set<string>([
  'prompt',
  'model',
  'images',
  'mask',
  'markup',
  'metadata',
  'priority',
  'user',
  'safety_identifier',
  'partial_images',
]);

const defaults: Readonly<Record<string, unknown>> = {
  n: 1,
  size: 'auto',
  quality: 'auto',
  background: 'auto',
  output_format: 'png',
  moderation: 'auto',
};

/** The part of the key that does not depend on the prompt and the pictures. */
export function keyOfParameters(
  request: PlannedRequest,
  { model, facts, route }: { model: string; facts: ModelFacts | null; route: Route },
): string {
  const format = request.output_format ?? defaults['output_format'];
  const filled: Record<string, unknown> = {
    ...defaults,
    ...(format !== 'png' && { output_compression: 100 }),
    ...(format === 'gif' && { frame_count: 9, frame_duration_ms: 200 }),
    ...(request.images !== undefined &&
      facts !== null &&
      facts.inputFidelity.length > 0 && { input_fidelity: 'low' }),
  };
  for (const [field, value] of Object.entries(request))
    if (value !== undefined && !otherFields.has(field)) filled[field] = value;
  const maker = route === simulatorName ? simulatorName : 'provider';
  return JSON.stringify([version, maker, model, toSorted(filled)]);
}

/** Null where the bytes of a picture are not known. */
export function buildRequestKey(
  parameters: string,
  request: PlannedRequest,
  hashes: SourceHashes,
): string | null {
  const prompt = composeText(request.prompt);
  if (request.images === undefined) return hash('sha256', `${parameters}\n${prompt}`);
  const { images, mask, markup } = listSources(request);
  const toHash = (id: string | null) => (id === null ? '-' : hashes.get(id));
  const pictures = [mask, markup, ...images].map(toHash);
  if (pictures.includes(undefined)) return null;
  return hash('sha256', `${parameters}${pictures.join(' ')}\n${prompt}`);
}

function toSorted(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(toSorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, each]) => [name, toSorted(each)]);
}
