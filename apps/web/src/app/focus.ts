/**
 * Focus follows the visitor: on a new page it goes to the page's heading, so that keyboards and
 * screen readers are where the eyes are. The heading may come late, and again with the page's data;
 * until the focus is moved elsewhere, it goes to the one that is there.
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
    return main === null ? undefined : keepOnHeading(main);
  }, [path]);
}

/** @returns ends it */
function keepOnHeading(main: HTMLElement): () => void {
  const before = document.activeElement;
  let focused: Element | null = null;
  function look(): void {
    const active = document.activeElement;
    if (active !== before && active !== focused && active !== document.body) {
      observer.disconnect(); // the visitor or the page has moved it
      return;
    }
    const heading = main.querySelector<HTMLElement>('[data-page-heading]');
    if (heading === null || heading === focused) return;
    focused = heading;
    heading.focus({ preventScroll: true });
  }
  const observer = new MutationObserver(look);
  observer.observe(main, { childList: true, subtree: true });
  look();
  return () => observer.disconnect();
}
