/** Changes what is chosen. The wall shows it at once; workers make it so. */
import { useStore } from '@nanostores/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { frameTexts } from '../../../app/texts.ts';
import type { GalleryImage } from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { closeToast, showProblem, showToast } from '../../../undo/toasts.ts';
import {
  clearSelection,
  countOf,
  leaving,
  selection,
  type Selection,
} from '../selection/selection.ts';
import {
  changeShown,
  startAction,
  subjectOf,
  undoAction,
  type ActionName,
  type BulkAction,
} from './bulk-actions.ts';
import { bulkTexts } from './texts.ts';

const undoMs = 8_000;

interface Change {
  chosen: Selection;
  action: ActionName;
  params?: Parameters<typeof startAction>[2];
  /** How a picture in sight looks with it. */
  show?: (image: GalleryImage) => GalleryImage;
}

export function useBulk() {
  const t = useTexts(bulkTexts);
  const { undo } = useTexts(frameTexts);
  const queries = useQueryClient();
  const chosen = useStore(selection);
  const count = countOf(chosen);
  const shown = useFormat().number(count);

  const { mutateAsync } = useMutation({
    mutationFn: async ({ chosen: of, action, params }: Change) =>
      startAction(action, await subjectOf(of), params),
    onMutate: ({ chosen: of, show }) => {
      if (show !== undefined) changeShown(queries, of, show);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.bulkActions }),
    onError: ({ message }) => {
      showProblem(message);
      void queries.invalidateQueries({ queryKey: keys.images });
    },
  });
  const run = (change: Omit<Change, 'chosen'>): void =>
    void mutateAsync({ chosen, ...change }).catch(() => undefined); // the note says it

  function leave(action: 'trash' | 'restore'): Promise<BulkAction> {
    leaving.set([...leaving.get(), chosen]);
    clearSelection();
    const started = mutateAsync({ chosen, action });
    started.catch(stay);
    return started;
  }
  function stay(): void {
    leaving.set(leaving.get().filter((each) => each !== chosen));
  }

  /** The API takes exactly this back, also while it is being done. */
  function trash(): void {
    const started = leave('trash');
    const toast = showToast(t.trashed({ shown })(count), {
      durationMs: undoMs,
      action: {
        label: undo,
        run: () => {
          closeToast(toast);
          stay();
          started
            .then(({ id }) => undoAction(id))
            .then(() => queries.invalidateQueries({ queryKey: keys.bulkActions }))
            .catch(({ message }: Error) => showProblem(message));
        },
      },
    });
  }

  return {
    rate: (rating: number | null) =>
      run({ action: 'rate', params: { rating }, show: (image) => ({ ...image, rating }) }),
    star: (starred: boolean) =>
      run({ action: 'star', params: { starred }, show: (image) => ({ ...image, starred }) }),
    addTo: (albumId: string) =>
      run({
        action: 'add_to_album',
        params: { album_id: albumId },
        show: (image) => ({ ...image, albums: [...new Set([...image.albums, albumId])] }),
      }),
    removeFrom: (albumId: string) =>
      run({
        action: 'remove_from_album',
        params: { album_id: albumId },
        show: (image) => ({ ...image, albums: image.albums.filter((id) => id !== albumId) }),
      }),
    trash,
    restore: () => {
      void leave('restore');
      showToast(t.restored({ shown })(count));
    },
  };
}
