/**
 * Turns a draft and the changes into the row of its final: the same request, changed, made anew
 * (`prompt`) or from the draft's picture (`edit`). Pure.
 */
import { editsEndpoint, generationsEndpoint } from '../../domain/endpoints.ts';
import { formatImageId } from '../../domain/gallery/image-id.ts';
import type { DraftRow, RowOfBatch } from '../../records/finals/drafts.ts';
import type { RowRequest } from '../../schemas/job-request.ts';
import type { FinalsChanges, FinalsWay } from '../../schemas/finals/finals.ts';
import type { References } from '../../tabular/table.ts';
import type { ValidRow } from '../batches/input/row-columns.ts';
import { listSources } from '../edits/sources.ts';

export interface FinalsRule {
  changes: FinalsChanges;
  by: FinalsWay;
  /** `image`: a final for each image, of one picture. `job`: each job again, with its `n`. */
  each: 'image' | 'job';
}

/** The row of a final, as if it had been read from a file. */
export function buildFinal(
  draft: DraftRow,
  rule: FinalsRule,
  { row, customId }: { row: number; customId: string },
): ValidRow {
  const id = formatImageId(draft.jobId, draft.index);
  const request = { ...changeRequest(draft, rule), metadata: draft.metadata };
  return toRow(row, request, {
    customId,
    filename: draft.filename,
    derivedFrom: rule.each === 'image' ? id : null,
    references:
      rule.by === 'edit' ? { images: [id], mask: null, markup: null } : listSources(draft.request),
  });
}

/** A row of the batch, as if it had been made like the finals from the start. */
export function buildWholeRow(row: RowOfBatch, changes: FinalsChanges): ValidRow {
  const request = changeRequest(row, { changes, by: 'prompt', each: 'job' });
  return toRow(row.row, request, { references: listSources(row.request) });
}

/** The JSONL line of a row. */
export function toLine({ request, references, ...row }: ValidRow): string {
  const { images, mask, markup } = references;
  const isEdit = images.length > 0;
  return `${JSON.stringify({
    custom_id: row.customId,
    method: 'POST',
    url: isEdit ? editsEndpoint : generationsEndpoint,
    ...(row.filename !== null && { filename: row.filename }),
    ...(row.derivedFrom !== null && { derived_from: row.derivedFrom }),
    body: {
      ...request,
      ...(isEdit && { images }),
      ...(mask !== null && { mask }),
      ...(markup !== null && { markup }),
    },
  })}\n`;
}

function changeRequest(
  { model, request }: Pick<DraftRow, 'model' | 'request'>,
  { changes, by, each }: FinalsRule,
): RowRequest {
  const { images: _i, mask: _m, markup: _k, partial_images: _p, n, composite, ...asked } = request;
  const changed: Record<string, unknown> = {
    ...asked,
    model,
    ...(each === 'job' && n !== undefined && { n }),
    // The picture of the draft has no mask, so there is nothing outside of it.
    ...(by === 'prompt' && composite !== undefined && { composite }),
    ...changes,
  };
  // Only jpeg and webp are compressed.
  if (changes.output_format !== undefined && changes.output_compression === undefined)
    delete changed['output_compression'];
  return Object.fromEntries(
    Object.entries(changed).filter(([, value]) => value !== null && value !== undefined),
  ) as RowRequest;
}

function toRow(
  row: number,
  request: RowRequest,
  own: { references: References } & Partial<ValidRow>,
): ValidRow {
  return {
    status: 'valid',
    row,
    customId: null,
    filename: null,
    responseFormat: null,
    derivedFrom: null,
    cells: [],
    problems: [],
    ...own,
    request,
  };
}

const customIdCharacters = 256;

/** Gives finals the custom ids of their drafts; a number makes one unique that is taken. */
export function createFinalIds(): (draft: DraftRow) => string {
  const taken = new Map<string, number>();
  return ({ customId, row, jobId }) => {
    const base = customId ?? (row === null ? jobId : `row-${row}`);
    for (;;) {
      const copy = (taken.get(base) ?? 0) + 1;
      taken.set(base, copy);
      if (copy === 1) return base;
      const ending = `-${copy}`;
      const id = `${base.slice(0, customIdCharacters - ending.length)}${ending}`;
      if (taken.has(id)) continue;
      taken.set(id, 1);
      return id;
    }
  };
}
