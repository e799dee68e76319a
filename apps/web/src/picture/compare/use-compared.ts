/** The pictures that are compared, with what each was made from. */
import { useQueries } from '@tanstack/react-query';
import { address } from '../../api/client.ts';
import { imageKey, readImage, type ImageDetails } from '../marks/marks.ts';
import type { Shown } from '../stage/Layers.tsx';

export interface Compared {
  id: string;
  shown: Shown;
  /** The picture it was made from: its draft, or its first source; null: it has none. */
  source: Shown | null;
  /** Draft or final, where one of the others is the other. */
  part: 'draft' | 'final' | null;
}

/** Pictures that are gone are left out. */
export function useCompared(ids: readonly string[]): { all: Compared[]; isPending: boolean } {
  const results = useQueries({
    queries: ids.map((id) => ({ queryKey: imageKey(id), queryFn: () => readImage(id) })),
  });
  const found = results.flatMap(({ data }) => data ?? []);
  return {
    all: found.map((image) => ({
      id: image.id,
      shown: toShown(image, image.prompt),
      source: sourceOf(image),
      part: partOf(image, found),
    })),
    isPending: results.some(({ isPending }) => isPending),
  };
}

function sourceOf({ lineage, sources, width, height, prompt }: ImageDetails): Shown | null {
  const draft = lineage.made_from.find(({ kind, image }) => kind === 'draft' && image !== null);
  if (draft?.image !== undefined && draft.image !== null) return toShown(draft.image, prompt);
  const [first] = sources;
  if (first === undefined || first.url === null) return null;
  return {
    src: address(first.url),
    alt: first.filename ?? '',
    width: first.width ?? width,
    height: first.height ?? height,
    thumbhash: null,
    thumbnail: null,
  };
}

function toShown(
  image: Pick<ImageDetails, 'url' | 'width' | 'height' | 'thumbhash' | 'thumbnail_url'>,
  alt: string,
): Shown {
  const { url, width, height, thumbhash, thumbnail_url: thumbnail } = image;
  return {
    src: address(url),
    alt,
    width,
    height,
    thumbhash,
    thumbnail: thumbnail === null ? null : address(thumbnail),
  };
}

function partOf(image: ImageDetails, all: readonly ImageDetails[]): Compared['part'] {
  const ids = new Set(all.map(({ id }) => id));
  if (image.lineage.made_from.some(({ id }) => ids.has(id))) return 'final';
  const became = image.lineage.became.flatMap(({ images }) => images);
  return became.some(({ id }) => ids.has(id)) ? 'draft' : null;
}
