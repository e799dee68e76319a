/** Adds pictures to the draft: files of the visitor, results of jobs, files of the API. */
import { answer } from '@kiln/client/client';
import { announce } from '../../../app/announcer.tsx';
import { address, client } from '../../../api/client.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import type { StoredFile } from '../draft/types.ts';
import {
  fileIdOf,
  markup,
  mask,
  mostPictures,
  pictureOfFile,
  pictures,
  updatePicture,
  type SourcePicture,
} from './pictures.ts';
import { isCmyk } from './jpeg-colours.ts';
import { pictureTexts } from './texts.ts';
import { uploadPicture, UploadRefused } from './upload.ts';

let made = 0;
/** The files of this visit, by the keys of their pictures: also those that the API refused. */
const filesOfVisit = new Map<string, File>();

/** Uploads files; each shows its progress and, when it is refused, why. */
export function addFiles(files: readonly File[]): void {
  const t = pictureTexts.get();
  const room = mostPictures - pictures.get().length;
  if (files.length > room) showProblem(t.tooMany({ most: mostPictures }));
  const added = files.slice(0, Math.max(0, room)).map((file) => {
    made += 1;
    const picture: SourcePicture = {
      key: `new-${Date.now()}-${made}`,
      name: file.name === '' ? 'picture' : file.name,
      address: URL.createObjectURL(file),
      state: { is: 'uploading', share: 0 },
    };
    filesOfVisit.set(picture.key, file);
    return { file, picture };
  });
  pictures.set([...pictures.get(), ...added.map(({ picture }) => picture)]);
  for (const { file, picture } of added) void send(file, picture);
}

async function send(file: File, { key, name, address: shown }: SourcePicture): Promise<void> {
  const t = pictureTexts.get();
  // It may have been cropped, or removed, meanwhile.
  const update = (part: Partial<SourcePicture>): void => {
    const now = pictures.get().find((each) => each.key === key);
    if (now?.address === shown) updatePicture(key, part);
  };
  try {
    if (await isCmyk(file)) throw new UploadRefused(t.isCmyk, 'cmyk');
    const stored = await uploadPicture(file, name, (share) =>
      update({ state: { is: 'uploading', share } }),
    );
    const { address: place, state } = pictureOfFile(stored, contentAddress(stored.id));
    update({ address: place, state });
    setTimeout(() => URL.revokeObjectURL(shown), 10_000); // until the page shows the API's copy
    announce(t.uploaded({ name }));
  } catch (error) {
    const code = error instanceof UploadRefused ? error.code : null;
    const words = error instanceof Error ? error.message : String(error);
    const message = code === 'unreachable' ? t.unreachable : words;
    update({ state: { is: 'refused', message, code } });
    announce(`${name}: ${message}`);
  }
}

/** The bytes of a picture, of its file here or of the API's copy. */
export async function readSource({ key, address: place }: SourcePicture): Promise<Blob> {
  const file = filesOfVisit.get(key);
  if (file !== undefined) return file;
  const response = await fetch(place);
  if (!response.ok) throw new Error(pictureTexts.get().resultGone);
  return await response.blob();
}

/** Uploads a picture in the place of another one; the toast takes it back. */
export function replaceByCropped(before: SourcePicture, cropped: Blob): void {
  const t = pictureTexts.get();
  const name = nameFor(before.name, cropped.type);
  const painted = mask.get();
  if (painted?.pictureFileId === fileIdOf(before)) mask.set(null);
  const file = new File([cropped], name, { type: cropped.type });
  const picture: SourcePicture = {
    key: before.key,
    name,
    address: URL.createObjectURL(file),
    state: { is: 'uploading', share: 0 },
  };
  const fileBefore = filesOfVisit.get(before.key);
  filesOfVisit.set(before.key, file);
  updatePicture(before.key, picture);
  showToast(t.cropped({ name }), {
    action: {
      label: t.undo,
      run: () => {
        if (fileBefore === undefined) filesOfVisit.delete(before.key);
        else filesOfVisit.set(before.key, fileBefore);
        updatePicture(before.key, before);
        mask.set(painted);
      },
    },
  });
  void send(file, picture);
}

/** The name with the ending of what it is now. */
function nameFor(name: string, type: string): string {
  const ending = type.replace('image/', '').replace('jpeg', 'jpg');
  return `${name.replace(/\.\w{1,5}$/, '')}.${ending}`;
}

/** A result becomes a picture of the draft, at its end. */
export async function addResult(url: string, name: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(pictureTexts.get().resultGone);
  const blob = await response.blob();
  addFiles([new File([blob], name, { type: blob.type })]);
}

/** Replaces the pictures of the draft by files of the API; files that are gone are left out. */
export async function replacePictures(
  fileIds: readonly string[],
  { maskId, markupId }: { maskId: string | null; markupId: string | null },
): Promise<void> {
  const [drawn = null, ...found] = await Promise.all([markupId, ...fileIds].map(findFile));
  const there = found.filter((file) => file !== null);
  const isMarkupGone = markupId !== null && drawn === null;
  if (there.length < fileIds.length || isMarkupGone) showProblem(pictureTexts.get().filesGone);
  pictures.set(there.map((file) => pictureOfFile(file, contentAddress(file.id))));
  const [first] = there;
  mask.set(
    maskId === null || first === undefined || first.id !== fileIds[0]
      ? null
      : { fileId: maskId, pictureFileId: first.id },
  );
  markup.set(drawn === null ? null : { name: drawn.filename, fileId: drawn.id });
}

/** The file; null where it is gone, or where there is no id. */
async function findFile(id: string | null): Promise<StoredFile | null> {
  if (id === null) return null;
  try {
    return await answer(client.GET('/v1/files/{id}', { params: { path: { id } } }));
  } catch {
    return null;
  }
}

export function contentAddress(fileId: string): string {
  return address(`v1/files/${fileId}/content`);
}
