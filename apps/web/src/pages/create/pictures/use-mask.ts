/** Opens the mask of the first picture, and takes what was painted. */
import { useStore } from '@nanostores/react';
import { useState } from 'react';
import { MaskDocument } from '../../../mask/mask-document.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { contentAddress } from './add-pictures.ts';
import { mask, pictures } from './pictures.ts';
import { pictureTexts } from './texts.ts';
import { uploadPicture } from './upload.ts';

/** What was painted on each picture, by the id of its file, for as long as the page is open. */
const documents = new Map<string, MaskDocument>();

export interface OpenMask {
  picture: string;
  pictureFileId: string;
  document: MaskDocument;
}

export function useMask() {
  const [first] = useStore(pictures);
  const [open, setOpen] = useState<OpenMask | null>(null);
  const [isSaving, setIsSaving] = useState(false);

  async function begin(): Promise<void> {
    if (first?.state.is !== 'ready') return;
    const { fileId, width, height } = first.state;
    let document = documents.get(fileId);
    if (document === undefined) {
      document = new MaskDocument({ width, height });
      documents.set(fileId, document);
      const painted = mask.get();
      // After a reload the strokes are gone, but the mask is kept by the API.
      if (painted?.pictureFileId === fileId) await restore(document, painted.fileId);
    }
    setOpen({ picture: first.address, pictureFileId: fileId, document });
  }

  async function end(how: 'use' | 'remove' | 'close'): Promise<void> {
    const ended = open;
    setOpen(null);
    if (how === 'remove') mask.set(null);
    if (how !== 'use' || ended === null) return;
    setIsSaving(true);
    try {
      const stored = await uploadPicture(await ended.document.toPng(), 'mask.png');
      mask.set({ fileId: stored.id, pictureFileId: ended.pictureFileId });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      showProblem(pictureTexts.get().maskFailed({ message }));
    } finally {
      setIsSaving(false);
    }
  }
  return { open, isSaving, canBegin: first?.state.is === 'ready', begin, end };
}

async function restore(document: MaskDocument, fileId: string): Promise<void> {
  try {
    const response = await fetch(contentAddress(fileId));
    if (response.ok) await document.importPng(await response.blob());
  } catch {
    // The mask is gone: the visitor begins with an empty one.
  }
}
