/** The pictures that a request names, by file or in itself, looked at and found fit for an edit. */
import { KilnError } from '../../errors.ts';
import { findFiles, keepPicture, type FileRow } from '../../records/files/files.ts';
import type { JobRequest } from '../../schemas/job-request.ts';
import type { Source } from '../../schemas/source.ts';
import { checkPictureFile } from '../files/check-picture-file.ts';
import { findPictureProblem, type EditPictures } from './check-together.ts';
import {
  checkInline,
  type CheckedSource,
  type NewSource,
  type ReceivedSources,
  type SourceDeps,
} from './source-files.ts';

export interface ResolvedSources extends EditPictures {
  /** Those among them that are no files yet. */
  fresh: NewSource[];
}

/**
 * Throws `file_not_found`, `invalid_request`, `file_too_large` and the codes of
 * `models/picture-rules.ts`.
 * @param received what came with the form, instead of being named by the request
 */
export async function resolveSources(
  deps: SourceDeps,
  projectId: string,
  { images = [], mask, markup }: Pick<JobRequest, 'images' | 'mask' | 'markup'>,
  received: ReceivedSources | null,
): Promise<ResolvedSources> {
  const named = [...images, mask, markup].flatMap((source) => source?.file_id ?? []);
  const files = new Map((await findFiles(deps.db, projectId, named)).map((row) => [row.id, row]));
  const fresh: NewSource[] = [];

  async function resolve(source: Source, param: string): Promise<CheckedSource> {
    const { file_id: id, image_url: url } = source;
    if (id !== undefined) return checkFile(deps, files.get(id), id, param);
    const inline = await checkInline(deps, param, decodeDataUrl(url ?? '', param));
    fresh.push(inline);
    return inline;
  }

  const resolved = {
    images: [] as CheckedSource[],
    mask: mask === undefined ? null : await resolve(mask, 'mask'),
    markup: markup === undefined ? null : await resolve(markup, 'markup'),
  };
  // One after the other: what a request holds is looked at in one thread anyway.
  for (const [index, source] of images.entries())
    resolved.images.push(await resolve(source, `images.${index}`));
  if (received !== null) {
    resolved.images.push(...received.images);
    resolved.mask ??= received.mask;
    resolved.markup ??= received.markup;
  }
  const problem = findPictureProblem(resolved);
  if (problem !== null)
    throw new KilnError(problem.code, `${problem.param}: ${problem.message}`, {
      param: problem.param,
    });
  return { ...resolved, fresh };
}

async function checkFile(
  deps: SourceDeps,
  row: FileRow | undefined,
  id: string,
  param: string,
): Promise<CheckedSource> {
  if (row === undefined) throw fileNotFound(id, param);
  if (row.purpose !== 'vision')
    throw new KilnError(
      'invalid_request',
      `${param}: received a file of the purpose "${row.purpose}"; it takes one of the purpose "vision"`,
      { param },
    );
  return { id, bytes: row.bytes, picture: await pictureOf(deps, row, param) };
}

/** Files of an earlier release have not been looked at yet. */
async function pictureOf(deps: SourceDeps, row: FileRow, param: string) {
  if (row.picture !== null) return row.picture;
  const picture = await checkPictureFile(deps, row.object_key, param);
  await keepPicture(deps.db, row.id, picture);
  return picture;
}

export function fileNotFound(id: string, param: string): KilnError {
  return new KilnError('file_not_found', `${param}: there is no file "${id.slice(0, 100)}"`, {
    param,
  });
}

/** RFC 2397, base64 only. What the picture is, its bytes say. */
function decodeDataUrl(url: string, param: string): Buffer {
  const comma = url.indexOf(',');
  const head = url.slice(0, Math.max(0, comma)).slice(0, 200);
  const content = /^data:[^,]*;base64$/i.test(head)
    ? Buffer.from(url.slice(comma + 1), 'base64')
    : null;
  // Buffer passes over what is no base64: then it has fewer bytes than there were characters for.
  const length = url.length - comma - 1;
  if (content !== null && content.length > 0 && content.length >= Math.floor((length * 3) / 4) - 2)
    return content;
  throw new KilnError(
    'invalid_request',
    `${param}: received "${url.slice(0, 40)}…"; it takes a data: URL in base64, as data:image/png;base64,…`,
    { param },
  );
}
