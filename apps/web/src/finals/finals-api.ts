/** What the dialog of finals asks of the API: a dry run, and the start. */
import { answer } from '@kiln/client/client';
import type { components, paths } from '@kiln/client/openapi';
import { client } from '../api/client.ts';

type BatchBody =
  paths['/v1/batches/{id}/finals']['post']['requestBody']['content']['application/json'];

/** Which drafts: of one batch, of any, or one picture of a job. */
export type FinalsOf =
  | { batchId: string; select: BatchBody['select'] }
  | {
      select: Extract<
        BatchBody['select'],
        { images: string[] } | { jobs: string[] } | { selection_id: string }
      >;
    }
  | { jobId: string; index: number };

export type FinalsPreview = components['schemas']['FinalsPreview'];

/** A price is shown in cents or finer, and the API compares with all of its digits. */
const rounding = 0.005;

/** The most that may be paid, in US dollars, when the visitor agrees to an estimate. */
export function maxCostOf(estimated: number): number {
  return estimated + rounding;
}

export interface FinalsOptions {
  by: 'prompt' | 'edit';
  changes: NonNullable<BatchBody['changes']>;
}

/** What the finals would cost. Nothing is stored, and nothing is spent. */
export async function previewFinals(
  of: FinalsOf,
  options: FinalsOptions,
  signal: AbortSignal,
): Promise<FinalsPreview> {
  return (await send(of, options, { query: { dry_run: 'true' } }, signal)) as FinalsPreview;
}

export interface StartOptions extends FinalsOptions {
  /** Nothing is made where it would cost more, because that is what the visitor has agreed to. */
  max_cost: number;
  name?: string;
}

export type Started = { kind: 'batch'; id: string } | { kind: 'job'; id: string };

/** @param key the same for a press that is repeated after a lost answer */
export async function startFinals(
  of: FinalsOf,
  options: StartOptions,
  key: string,
): Promise<Started> {
  const made = (await send(of, options, { header: { 'idempotency-key': key } })) as { id: string };
  return { kind: 'jobId' in of ? 'job' : 'batch', id: made.id };
}

interface Params {
  query?: { dry_run: 'true' };
  header?: { 'idempotency-key': string };
}

async function send(of: FinalsOf, options: FinalsOptions, params: Params, signal?: AbortSignal) {
  const ends = signal === undefined ? {} : { signal };
  if ('jobId' in of) {
    const { jobId: id, index } = of;
    const { name: _name, ...rest } = options as StartOptions;
    return answer(
      client.POST('/v1/jobs/{id}/finals', {
        params: { path: { id }, ...params },
        body: { index, ...rest },
        ...ends,
      }),
    );
  }
  const { select } = of;
  if ('batchId' in of)
    return answer(
      client.POST('/v1/batches/{id}/finals', {
        params: { path: { id: of.batchId }, ...params },
        body: { select, ...options },
        ...ends,
      }),
    );
  return answer(
    client.POST('/v1/finals', { params, body: { select: of.select, ...options }, ...ends }),
  );
}
