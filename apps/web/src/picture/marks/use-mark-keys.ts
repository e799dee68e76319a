/** Keys that rate: `1` to `5`, `0` clears, `f` gives or takes the star. */
import { useShortcuts } from '../../keyboard/shortcuts.ts';
import { useTexts } from '../../texts/i18n.ts';
import { marksTexts } from './texts.ts';
import type { Marks } from './marks.ts';

/** @param onMark undefined: there is nothing to rate now */
export function useMarkKeys(
  isStarred: boolean,
  onMark: ((marks: Marks) => void) | undefined,
): void {
  const t = useTexts(marksTexts);
  const rate = (rating: number | null) => (): void => onMark?.({ rating });
  useShortcuts([
    ...[1, 2, 3, 4, 5].map((count) => ({
      keys: String(count),
      label: t.rate({ count }),
      run: rate(count),
    })),
    { keys: '0', label: t.clear, run: rate(null) },
    {
      keys: 'f',
      label: isStarred ? t.unstar : t.star,
      run: () => onMark?.({ starred: !isStarred }),
    },
  ]);
}
