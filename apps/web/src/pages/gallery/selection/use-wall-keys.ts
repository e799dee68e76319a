/**
 * Keys of the wall that depend on where the focus is: the arrows move through the cells, and ⌘A
 * chooses everything, unless the visitor types.
 */
import { useEffect, useEffectEvent } from 'react';

export function useWallKeys(onAll: () => void): void {
  const chooseAll = useEffectEvent(onAll);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || document.querySelector('[role="dialog"][data-open]') !== null)
        return;
      const { target } = event;
      if (target instanceof HTMLElement && target.closest('input, textarea, select') !== null)
        return;
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'a') {
        event.preventDefault();
        chooseAll();
      } else if (!event.metaKey && !event.ctrlKey && !event.altKey && move(event.key))
        event.preventDefault();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** @returns whether the focus was in the wall, and moved */
function move(key: string): boolean {
  const cell = document.activeElement?.closest<HTMLElement>('[data-place]');
  const columns = Number(cell?.closest<HTMLElement>('[data-columns]')?.dataset['columns']);
  if (cell === undefined || cell === null) return false;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  const step = steps[key];
  if (step === undefined) return false;
  focusPlace(Number(cell.dataset['place']) + step);
  return true;
}

/** The place of the cell that has the focus. */
export function focusedPlace(): number | null {
  const cell = document.activeElement?.closest<HTMLElement>('[data-place]');
  return cell === undefined || cell === null ? null : Number(cell.dataset['place']);
}

export function focusPlace(place: number): void {
  const next = document.querySelector<HTMLElement>(`[data-place="${place}"] a[href]`);
  next?.focus();
}
