/** Finds the pictures of one row, and checks that they fit each other. */
import type { Picture } from '../../../schemas/picture.ts';
import { buildProblem, quote, type RowProblem } from '../../../tabular/problems/row-problem.ts';
import { findPictureProblems } from '../../edits/check-together.ts';
import type { ResolvedRequest } from '../../jobs/new-job.ts';
import { hashesOf, type CheckedSource } from '../../edits/source-files.ts';
import type { SourceHashes } from '../../jobs/request-key.ts';
import type { SourceLookup } from './source-lookup.ts';
import type { ValidRow, RowColumns } from './row-columns.ts';

export type ResolvedRow =
  | { status: 'resolved'; request: ResolvedRequest; pictures: Picture[]; hashes: SourceHashes }
  | { status: 'unfit'; problems: RowProblem[] };

export function resolveRow(
  { row, request, references }: ValidRow,
  columns: RowColumns,
  lookup: SourceLookup,
): ResolvedRow {
  const problems: RowProblem[] = [];

  function find(reference: string, column: string): CheckedSource[] {
    const found = lookup.find(reference);
    if (found.status === 'found') return [found.source];
    const message = `${column}: received ${quote(reference)}; ${found.reason}`;
    problems.push(buildProblem('unknown_file', message, { row, column, value: reference }));
    return [];
  }
  const findOne = (reference: string | null, column: string) =>
    reference === null ? null : (find(reference, column)[0] ?? null);

  const images = references.images.flatMap((reference) => find(reference, columns.image));
  const mask = findOne(references.mask, columns.mask);
  const markup = findOne(references.markup, columns.markup);
  if (references.images.length === 0) {
    const message = `${columns.image}: is missing; an edit needs an image`;
    problems.push(
      buildProblem('missing_required_parameter', message, { row, column: columns.image }),
    );
  }
  const unfit = problems.length > 0 ? [] : findPictureProblems({ images, mask, markup });
  for (const problem of unfit) {
    const column = problem.param === 'images' ? columns.image : columns[problem.param];
    problems.push(
      buildProblem('unsupported_picture', `${column}: ${problem.message}`, { row, column }),
    );
  }
  if (problems.length > 0) return { status: 'unfit', problems };
  const named = ({ id }: CheckedSource) => ({ file_id: id });
  return {
    status: 'resolved',
    request: {
      ...request,
      images: images.map(named),
      ...(mask !== null && { mask: named(mask) }),
      ...(markup !== null && { markup: named(markup) }),
    },
    pictures: images.map(({ picture }) => picture),
    hashes: hashesOf({ images, mask, markup }),
  };
}
