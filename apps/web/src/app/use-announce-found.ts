import { useEffect } from 'react';
import { useTexts } from '../texts/i18n.ts';
import { announce } from './announcer.tsx';
import { frameTexts } from './texts.ts';

/**
 * Says to screen readers how many a search has found.
 * @param count null: nothing is searched for, or the answer is not here yet
 */
export function useAnnounceFound(count: number | null): void {
  const { results } = useTexts(frameTexts);
  useEffect(() => {
    if (count !== null) announce(results({ count }));
  }, [count, results]);
}
