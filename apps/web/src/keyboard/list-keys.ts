/**
 * Keys for a page with a list: `j` and `k` move the focus through its items, `Enter` opens one as
 * it does by itself, `x` presses the item's own button. An item is an element with `data-item`; its
 * first link, button or summary takes the focus, and `data-item-x` marks what `x` presses.
 */
import { useMemo } from 'react';
import { frameTexts } from '../app/texts.ts';
import { useTexts } from '../texts/i18n.ts';
import { useShortcuts, type Shortcut } from './shortcuts.ts';

/** @param xLabel what `x` does to an item; undefined: nothing */
export function useListKeys(xLabel?: string): void {
  const t = useTexts(frameTexts);
  useShortcuts(
    useMemo(
      (): Shortcut[] => [
        { keys: 'j', label: t.nextItem, run: () => move(1) },
        { keys: 'k', label: t.previousItem, run: () => move(-1) },
        { keys: 'Enter', label: t.openItem, isNative: true },
        ...(xLabel === undefined ? [] : [{ keys: 'x', label: xLabel, run: pressX }]),
        { keys: 'Escape', label: t.leaveItem, run: leave, whileTyping: true },
      ],
      [t, xLabel],
    ),
  );
}

function move(step: 1 | -1): void {
  const items = [...document.querySelectorAll<HTMLElement>('#content [data-item]')];
  const current = items.findIndex((item) => item.contains(document.activeElement));
  const next = current === -1 ? firstInSight(items) : items[current + step];
  next?.querySelector<HTMLElement>('a[href], button, summary')?.focus();
}

function firstInSight(items: readonly HTMLElement[]): HTMLElement | undefined {
  return items.find((item) => item.getBoundingClientRect().bottom > 0);
}

function pressX(): void {
  const item = document.activeElement?.closest('[data-item]');
  item?.querySelector<HTMLElement>('[data-item-x]')?.click();
}

/** Leaves a field or an item, so that the keys of the page work, and Tab begins at the heading. */
function leave(): void {
  if (document.activeElement?.closest('#content') === null) return;
  document.querySelector<HTMLElement>('[data-page-heading]')?.focus({ preventScroll: true });
}
