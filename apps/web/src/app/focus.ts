/**
 * Focus follows the visitor: on a new page it goes to the page's heading, so that keyboards and
 * screen readers are where the eyes are. A page that has put the focus somewhere itself keeps it.
 */
import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

export function useFocusOnNavigation(): void {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return undefined;
    shown.current = path;
    const main = document.getElementById('content');
    const before = document.activeElement;
    if (main === null || focusHeading(main, before)) return undefined;
    // The page is still being loaded.
    const observer = new MutationObserver(() => {
      if (focusHeading(main, before)) observer.disconnect();
    });
    observer.observe(main, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [path]);
}

function focusHeading(main: HTMLElement, before: Element | null): boolean {
  const active = document.activeElement;
  if (active !== before && active !== document.body) return true;
  const heading = main.querySelector<HTMLElement>('[data-page-heading]');
  if (heading === null) return false;
  heading.focus({ preventScroll: true });
  return true;
}
