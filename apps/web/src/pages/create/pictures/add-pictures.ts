/** Adds pictures to the draft: files of the visitor, results of jobs, files of the API. */
import { answer } from '@kiln/client/client';
import { announce } from '../../../app/announcer.tsx';
import { address, client } from '../../../api/client.ts';
import { showProblem } from '../../../undo/toasts.ts';
import {
  mask,
  mostPictures,
  pictureOfFile,
  pictures,
  updatePicture,
  type SourcePicture,
} from './pictures.ts';
import { pictureTexts } from './texts.ts';
import { uploadPicture, UploadRefused } from './upload.ts';

let made = 0;

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
    return { file, picture };
  });
  pictures.set([...pictures.get(), ...added.map(({ picture }) => picture)]);
  for (const { file, picture } of added) void send(file, picture);
}

async function send(file: File, { key, name, address: shown }: SourcePicture): Promise<void> {
  const t = pictureTexts.get();
  try {
    const stored = await uploadPicture(file, name, (share) =>
      updatePicture(key, { state: { is: 'uploading', share } }),
    );
    const { address: place, state } = pictureOfFile(stored, contentAddress(stored.id));
    updatePicture(key, { address: place, state });
    setTimeout(() => URL.revokeObjectURL(shown), 10_000); // until the page shows the API's copy
    announce(t.uploaded({ name }));
  } catch (error) {
    const code = error instanceof UploadRefused ? error.code : null;
    const words = error instanceof Error ? error.message : String(error);
    const message = code === 'unreachable' ? t.unreachable : words;
    updatePicture(key, { state: { is: 'refused', message, code } });
    announce(`${name}: ${message}`);
  }
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
  maskId: string | null,
): Promise<void> {
  const found = await Promise.all(
    fileIds.map(async (id) => {
      try {
        return await answer(client.GET('/v1/files/{id}', { params: { path: { id } } }));
      } catch {
        return null;
      }
    }),
  );
  const there = found.filter((file) => file !== null);
  if (there.length < fileIds.length) showProblem(pictureTexts.get().filesGone);
  pictures.set(there.map((file) => pictureOfFile(file, contentAddress(file.id))));
  const [first] = there;
  mask.set(
    maskId === null || first === undefined || first.id !== fileIds[0]
      ? null
      : { fileId: maskId, pictureFileId: first.id },
  );
}

export function contentAddress(fileId: string): string {
  return address(`v1/files/${fileId}/content`);
}
