/**
 * Makes images sources of edits. A source is a file, which stays when its image is deleted, so the
 * bytes of the image are copied into a file. The hash of an image is known: a file of the project
 * with the same bytes is used instead of a copy.
 */
import { pictureFormats, type PictureFormat } from '../../domain/picture-formats.ts';
import { pictureFormatOf, uploadLimits } from '../../domain/file-rules.ts';
import { parseImageId } from '../../domain/gallery/image-id.ts';
import type { Database } from '../../records/database/open-records.ts';
import { findFileByHash, insertFile } from '../../records/files/files.ts';
import { findSourceImages, type SourceImage } from '../../records/finals/drafts.ts';
import type { Picture } from '../../schemas/picture.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { storeBytes, toFileRow } from '../files/store-file.ts';
import { inParallel } from '../in-parallel.ts';
import { keptMs, type CheckedSource } from './source-files.ts';

export type ImageSource =
  | { status: 'found'; source: CheckedSource }
  /** The end of a sentence that begins with the id. */
  | { status: 'unfit'; reason: string };

/** Finds the sources that images are, by the ids of the images. */
export type FindImageSources = (ids: readonly string[]) => Promise<Map<string, ImageSource>>;

export interface ImageFileDeps {
  db: Database;
  store: ObjectStore;
}

const copiesAtATime = 8;
const noImage = 'there is no such image, or it is in the trash';

/** Describes the sources, and makes no file: the id of a source is that of its image. */
export function describeImages(db: Database, projectId: string): FindImageSources {
  return async (ids) => {
    const found = await imagesOf(db, projectId, ids);
    return new Map(ids.map((id) => [id, describe(id, found.get(id))]));
  };
}

/** Makes a file of each image, unless one has its bytes. */
export function keepImages(deps: ImageFileDeps, projectId: string): FindImageSources {
  return async (ids) => {
    const found = await imagesOf(deps.db, projectId, ids);
    const sources = new Map<string, ImageSource>();
    // Two images with the same bytes become one file.
    const byHash = Map.groupBy(ids, (id) => found.get(id)?.sha256 ?? id);
    await inParallel([...byHash.values()], copiesAtATime, async (equal) => {
      const [first = ''] = equal;
      const image = found.get(first);
      const described = describe(first, image);
      const kept =
        image === undefined || described.status === 'unfit'
          ? described
          : await keep(deps, projectId, image, described.source);
      for (const id of equal) sources.set(id, kept);
    });
    return sources;
  };
}

async function imagesOf(db: Database, projectId: string, ids: readonly string[]) {
  return findSourceImages(
    db,
    projectId,
    ids.flatMap((id) => parseImageId(id) ?? []),
  );
}

function describe(id: string, image: SourceImage | undefined): ImageSource {
  if (image === undefined) return { status: 'unfit', reason: noImage };
  const format = pictureFormats.find((known) => known === image.format);
  if (format === undefined)
    return {
      status: 'unfit',
      reason: `the image is a ${image.format}; an edit takes ${pictureFormats.join(', ')}`,
    };
  if (image.bytes > uploadLimits.vision)
    return {
      status: 'unfit',
      reason:
        `the image has ${image.bytes.toLocaleString('en')} bytes; a picture may have at most ` +
        uploadLimits.vision.toLocaleString('en'),
    };
  return {
    status: 'found',
    source: { id, bytes: image.bytes, sha256: image.sha256, picture: toPicture(image, format) },
  };
}

/** A jpeg has no alpha channel; `toFile` looks whether another format has one. */
function toPicture({ width, height }: SourceImage, format: PictureFormat): Picture {
  return { format, width, height, has_alpha: format !== 'jpeg', is_opaque: format === 'jpeg' };
}

async function keep(
  { db, store }: ImageFileDeps,
  projectId: string,
  image: SourceImage,
  described: CheckedSource,
): Promise<ImageSource> {
  const there = await findFileByHash(db, projectId, image.sha256);
  if (there !== undefined && there.picture !== null)
    return { status: 'found', source: { ...described, id: there.id, picture: there.picture } };
  const object = await store.get(image.objectKey);
  if (object === null)
    return { status: 'unfit', reason: 'the bytes of the image are not in the object store' };
  let start: Uint8Array = new Uint8Array();
  const filename = `${image.jobId}-${image.index}.${image.format}`;
  const stored = await storeBytes(
    { store },
    filename,
    object.stream as AsyncIterable<Uint8Array>,
    (first) => {
      start = first;
    },
    image.bytes,
  );
  const hasAlpha = mayHaveAlpha(start);
  const picture = { ...described.picture, has_alpha: hasAlpha, is_opaque: !hasAlpha };
  const row = toFileRow(stored);
  await insertFile(
    db,
    {
      ...row,
      project_id: projectId,
      purpose: 'vision',
      filename,
      expires_at: new Date(row.created_at.getTime() + keptMs),
      picture,
    },
    null,
  );
  return { status: 'found', source: { ...described, id: stored.id, picture } };
}

/** Position and bit of the colour type of a PNG. */
const colourTypeAt = 25;
const alphaBit = 4;

/** Reads the header of the bytes. A webp may have an alpha channel, so it counts as having one. */
function mayHaveAlpha(start: Uint8Array): boolean {
  const format = pictureFormatOf(start);
  return format === 'png' ? ((start[colourTypeAt] ?? 0) & alphaBit) !== 0 : format === 'webp';
}
