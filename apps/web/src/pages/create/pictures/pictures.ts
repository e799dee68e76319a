/**
 * The pictures of the draft, in their order, and the mask or the markup of the first. Each is
 * uploaded when it is added; what is uploaded survives a reload.
 */
import { atom } from 'nanostores';
import { readStored, store } from '../../../app/stored.ts';
import type { StoredFile } from '../draft/types.ts';

export interface SourcePicture {
  /** Known to this page only; the API has ids of files. */
  key: string;
  name: string;
  /** An address to show: of the file here until it is uploaded, then of the API's copy. */
  address: string;
  state:
    | { is: 'uploading'; share: number }
    | { is: 'ready'; fileId: string; width: number; height: number }
    | { is: 'refused'; message: string; code: string | null };
}

export interface SourceMask {
  fileId: string;
  /** The picture that it was painted on. */
  pictureFileId: string;
}

/** A drawing of the visitor's own. The API checks whether it fits the first picture. */
export interface SourceMarkup {
  name: string;
  /** null: it is being uploaded. */
  fileId: string | null;
}

export const mostPictures = 16;

interface Stored {
  pictures: readonly SourcePicture[];
  mask: SourceMask | null;
  markup: SourceMarkup | null;
}

const key = 'kiln-sources';
const stored = readAll();

export const pictures = atom<readonly SourcePicture[]>(stored.pictures);
export const mask = atom<SourceMask | null>(stored.mask);
export const markup = atom<SourceMarkup | null>(stored.markup);

export function fileIdOf(picture: SourcePicture | undefined): string | null {
  return picture?.state.is === 'ready' ? picture.state.fileId : null;
}

/** The mask, where it belongs to the picture that is first now. */
export function usableMask(
  all: readonly SourcePicture[],
  painted: SourceMask | null,
): SourceMask | null {
  return painted !== null && painted.pictureFileId === fileIdOf(all[0]) ? painted : null;
}

export function updatePicture(which: string, part: Partial<SourcePicture>): void {
  pictures.set(pictures.get().map((each) => (each.key === which ? { ...each, ...part } : each)));
}

export function removePicture(which: string): void {
  const gone = pictures.get().find((each) => each.key === which);
  if (gone?.address.startsWith('blob:') === true) URL.revokeObjectURL(gone.address);
  pictures.set(pictures.get().filter((each) => each.key !== which));
}

/** Moves a picture to another place; the others keep their order. */
export function movePicture(which: string, to: number): void {
  const all = [...pictures.get()];
  const from = all.findIndex((each) => each.key === which);
  const [moved] = from === -1 ? [] : all.splice(from, 1);
  if (moved === undefined) return;
  all.splice(Math.min(Math.max(to, 0), all.length), 0, moved);
  pictures.set(all);
}

export function pictureOfFile(file: StoredFile, address: string): SourcePicture {
  const { width, height } = file.picture ?? { width: 1, height: 1 };
  return {
    key: crypto.randomUUID?.() ?? `${file.id}-${Math.random()}`,
    name: file.filename,
    address,
    state: { is: 'ready', fileId: file.id, width, height },
  };
}

function readAll(): Stored {
  try {
    const all = JSON.parse(readStored(key) ?? '{}') as Partial<Stored>;
    return { pictures: all.pictures ?? [], mask: all.mask ?? null, markup: all.markup ?? null };
  } catch {
    return { pictures: [], mask: null, markup: null };
  }
}

function storeAll(): void {
  const ready = pictures
    .get()
    .filter(({ state, address }) => state.is === 'ready' && !address.startsWith('blob:'));
  const drawn = markup.get();
  const all = {
    pictures: ready,
    mask: mask.get(),
    markup: drawn?.fileId === null ? null : drawn,
  } satisfies Stored;
  store(key, JSON.stringify(all));
}
pictures.listen(storeAll);
mask.listen(storeAll);
markup.listen(storeAll);
