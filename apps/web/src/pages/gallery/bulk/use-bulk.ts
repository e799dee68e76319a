/** Changes what is chosen. The wall shows it at once; workers make it so. */
import { useStore } from '@nanostores/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { frameTexts } from '../../../app/texts.ts';
import type { GalleryImage } from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater } from '../../../undo/do-later.ts';
import { closeToast, showProblem, showToast } from '../../../undo/toasts.ts';
import {
  clearSelection,
  countOf,
  isChosen,
  leaving,
  selection,
  type Selection,
} from '../selection/selection.ts';
import {
  changeShown,
  startAction,
  subjectOf,
  type ActionName,
  type BulkAction,
} from './bulk-actions.ts';
import { bulkTexts } from './texts.ts';

const undoMs = 8_000;

interface Change {
  chosen: Selection;
  action: ActionName;
  params?: BulkAction['params'];
  /** How a picture in sight looks with it. */
  show?: (image: GalleryImage) => GalleryImage;
}

export function useBulk() {
  const t = useTexts(bulkTexts);
  const { undo } = useTexts(frameTexts);
  const queries = useQueryClient();
  const chosen = useStore(selection);

  const { mutateAsync } = useMutation({
    mutationFn: async ({ chosen: of, action, params }: Change) =>
      startAction(action, await subjectOf(of), params),
    onMutate: ({ chosen: of, show }) => {
      if (show !== undefined) changeShown(queries, (id) => isChosen(of, id), show);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.bulkActions }),
    onError: ({ message }) => {
      showProblem(message);
      void queries.invalidateQueries({ queryKey: keys.images });
    },
  });
  const run = (change: Omit<Change, 'chosen'>): void =>
    void mutateAsync({ chosen, ...change }).catch(() => undefined); // the note says it

  async function leave(of: Selection, action: 'trash' | 'restore'): Promise<void> {
    leaving.set([...leaving.get(), of]);
    try {
      await mutateAsync({ chosen: of, action });
    } catch {
      leaving.set(leaving.get().filter((each) => each !== of));
    }
  }

  /** Some pictures can be taken out again. All of a filter are deleted later, as others are. */
  function trash(): void {
    const text = t.trashed(countOf(chosen));
    if (chosen.all === null) {
      void leave(chosen, 'trash');
      const toast = showToast(text, {
        durationMs: undoMs,
        action: {
          label: undo,
          run: () => {
            closeToast(toast);
            leaving.set(leaving.get().filter((each) => each !== chosen));
            void mutateAsync({ chosen, action: 'restore' }).catch(() => undefined);
          },
        },
      });
    } else doLater({ key: 'trash', text, act: () => leave(chosen, 'trash') });
    clearSelection();
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
      void leave(chosen, 'restore');
      showToast(t.restored(countOf(chosen)));
      clearSelection();
    },
  };
}
