/**
 * Rates and stars the picture that has the focus, while none are chosen: with `j`, `k` and these
 * keys a wall is gone through without a pointer.
 */
import { useQueryClient } from '@tanstack/react-query';
import type { GalleryImage } from '../../../api/images.ts';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { sendMarks, type Marks } from '../../../picture/marks/marks.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { focusedPlace } from '../selection/use-wall-keys.ts';
import type { Images } from '../wall/use-images.ts';
import { changeShown } from './bulk-actions.ts';
import { bulkTexts } from './texts.ts';

export function useMarkKeys(images: Images, isOn: boolean): void {
  const t = useTexts(bulkTexts);
  const { number } = useFormat();
  const queries = useQueryClient();
  function mark(marksOf: (image: GalleryImage) => Marks): void {
    const place = focusedPlace();
    const image = place === null ? undefined : images.imageAt(place);
    if (image === undefined) return;
    const marks = marksOf(image);
    const show = (change: Marks): void =>
      changeShown(queries, { all: null, ids: new Set([image.id]) }, (each) => ({
        ...each,
        ...change,
      }));
    show(marks);
    sendMarks(image.id, marks).catch(({ message }: Error) => {
      show({ rating: image.rating, starred: image.starred });
      showProblem(message);
    });
  }
  useShortcuts(
    isOn
      ? [
          ...[1, 2, 3, 4, 5].map((rating) => ({
            keys: String(rating),
            label: t.rate({ rating: number(rating) }),
            run: () => mark(() => ({ rating })),
          })),
          { keys: '0', label: t.unrate, run: () => mark(() => ({ rating: null })) },
          { keys: 'f', label: t.star, run: () => mark(({ starred }) => ({ starred: !starred })) },
        ]
      : [],
  );
}
