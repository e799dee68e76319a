/**
 * Resolves the pictures of a request, which it names as files or contains, and checks them for an
 * edit.
 */
import { errorCatalogue, KilnError } from '../../errors.ts';
import { findFiles, keepPicture, type FileRow } from '../../records/files/files.ts';
import type { JobRequest } from '../../schemas/job-request.ts';
import type { Source } from '../../schemas/source.ts';
import { checkPictureFile } from '../files/check-picture-file.ts';
import { findPictureProblems, type EditPictures, type PictureProblem } from './check-together.ts';
import {
  checkInline,
  type CheckedSource,
  type NewSource,
  type ReceivedSources,
  type SourceDeps,
} from './source-files.ts';
import { cutText } from '../../schemas/text.ts';

export interface ResolvedSources extends EditPictures {
  /** The pictures among them that are not files yet. */
  fresh: NewSource[];
}

/** The pictures that a request names or contains. */
type NamedSources = {
  images?: readonly (Source | null)[] | undefined;
  mask?: Source | undefined;
  markup?: Source | undefined;
};

/**
 * Finds the files that the sources name. Returns the check of one source, for the field `param`.
 */
async function openSources(
  deps: SourceDeps,
  projectId: string,
  { images = [], mask, markup }: NamedSources,
) {
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
  return { resolve, fresh };
}

/**
 * Throws `file_not_found`, `invalid_request`, `file_too_large` and the codes of
 * `models/picture-rules.ts`.
 * @param received pictures that came as files of a form; null for a JSON body
 */
export async function resolveSources(
  deps: SourceDeps,
  projectId: string,
  request: Pick<JobRequest, 'images' | 'mask' | 'markup'>,
  received: ReceivedSources | null,
): Promise<ResolvedSources> {
  const { images = [], mask, markup } = request;
  const { resolve, fresh } = await openSources(deps, projectId, request);
  const resolved = {
    images: [] as CheckedSource[],
    mask: mask === undefined ? null : await resolve(mask, 'mask'),
    markup: markup === undefined ? null : await resolve(markup, 'markup'),
  };
  // One after the other, because one thread checks the pictures of a request anyway.
  for (const [index, source] of images.entries())
    resolved.images.push(await resolve(source, `images.${index}`));
  if (received !== null) {
    resolved.images.push(...received.images);
    resolved.mask ??= received.mask;
    resolved.markup ??= received.markup;
  }
  const [problem] = findPictureProblems(resolved);
  if (problem !== undefined) throw toError(problem);
  return { ...resolved, fresh };
}

/** What a request names, as far as it is fit; `images` has null where a picture is not. */
export interface InspectedSources {
  images: (CheckedSource | null)[];
  mask: CheckedSource | null;
  markup: CheckedSource | null;
  /** The ids among them of pictures that came inside the request. */
  inline: Set<string>;
  /** The errors that `resolveSources` would throw one after the other. */
  problems: KilnError[];
}

/** Checks every picture of a request, and stores none. Throws errors that are not the caller's. */
export async function inspectSources(
  deps: SourceDeps,
  projectId: string,
  request: NamedSources,
): Promise<InspectedSources> {
  const { resolve, fresh } = await openSources(deps, projectId, request);
  const problems: KilnError[] = [];

  async function inspect(
    source: Source | null | undefined,
    param: string,
  ): Promise<CheckedSource | null> {
    if (source === undefined || source === null) return null;
    try {
      return await resolve(source, param);
    } catch (error) {
      if (!(error instanceof KilnError) || errorCatalogue[error.code].status >= 500) throw error;
      problems.push(error);
      return null;
    }
  }

  const images: (CheckedSource | null)[] = [];
  for (const [index, source] of (request.images ?? []).entries())
    images.push(await inspect(source, `images.${index}`));
  const mask = await inspect(request.mask, 'mask');
  const markup = await inspect(request.markup, 'markup');
  const fit = images.filter((image) => image !== null);
  // A mask is compared with the first picture, whichever the others are.
  const together = images[0] === null ? [] : findPictureProblems({ images: fit, mask, markup });
  const inline = new Set(fresh.map(({ id }) => id));
  return { images, mask, markup, inline, problems: [...problems, ...together.map(toError)] };
}

function toError({ code, param, message }: PictureProblem): KilnError {
  return new KilnError(code, `${param}: ${message}`, { param });
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
      `${param}: received a file with the purpose "${row.purpose}"; upload the file with the ` +
        'purpose "vision"',
      { param },
    );
  return { id, bytes: row.bytes, sha256: row.sha256, picture: await pictureOf(deps, row, param) };
}

/** Checks the picture now if an earlier release stored the file without checking it. */
async function pictureOf(deps: SourceDeps, row: FileRow, param: string) {
  if (row.picture !== null) return row.picture;
  const picture = await checkPictureFile(deps, row.object_key, param);
  await keepPicture(deps.db, row.id, picture);
  return picture;
}

export function fileNotFound(id: string, param: string): KilnError {
  return new KilnError('file_not_found', `${param}: there is no file "${cutText(id, 100)}"`, {
    param,
  });
}

/**
 * Decodes a `data:` URL (RFC 2397) in base64. Its media type is ignored; the bytes tell the format.
 */
function decodeDataUrl(url: string, param: string): Buffer {
  const comma = url.indexOf(',');
  const head = url.slice(0, Math.max(0, comma)).slice(0, 200);
  const content = /^data:[^,]*;base64$/i.test(head)
    ? Buffer.from(url.slice(comma + 1), 'base64')
    : null;
  // Buffer skips characters that are not base64, which shows in the number of bytes.
  const length = url.length - comma - 1;
  if (content !== null && content.length > 0 && content.length >= Math.floor((length * 3) / 4) - 2)
    return content;
  throw new KilnError(
    'invalid_request',
    `${param}: received "${cutText(url, 40)}…"; it takes a data: URL in base64, such as ` +
      'data:image/png;base64,…',
    { param },
  );
}
