/** Uploads the markup of the draft. */
import { announce } from '../../../app/announcer.tsx';
import { markup, type SourceMarkup } from './pictures.ts';
import { pictureTexts } from './texts.ts';
import { uploadPicture, UploadRefused } from './upload.ts';

/** Throws an error for people when the API refuses the file; the draft then has no markup. */
export async function addMarkup(file: File): Promise<void> {
  const t = pictureTexts.get();
  const added: SourceMarkup = { name: file.name, fileId: null };
  markup.set(added);
  // The visitor may remove it, or choose another one, meanwhile.
  const settle = (settled: SourceMarkup | null): void => {
    if (markup.get() === added) markup.set(settled);
  };
  try {
    const { id } = await uploadPicture(file, file.name);
    settle({ name: file.name, fileId: id });
    announce(t.uploaded({ name: file.name }));
  } catch (error) {
    settle(null);
    const isAway = error instanceof UploadRefused && error.code === 'unreachable';
    throw isAway ? new Error(t.unreachable) : error;
  }
}
