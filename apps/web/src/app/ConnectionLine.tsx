import { useStore } from '@nanostores/react';
import { useEffect, useRef, useState } from 'react';
import { cx } from '../components/cx.ts';
import { liveStatus } from '../live/hub.ts';
import { useTexts } from '../texts/i18n.ts';
import { announce } from './announcer.tsx';
import { frameTexts } from './texts.ts';

/** Short interruptions, such as a reload of the page, are not worth a word. */
const quietMs = 1_500;

/** A quiet line while the connection is away: data on the page may be old. */
export function ConnectionLine({ className }: { className?: string }) {
  const t = useTexts(frameTexts);
  const isAway = useStore(liveStatus) !== 'live';
  const [isShown, setIsShown] = useState(false);
  const wasShown = useRef(false);
  useEffect(() => {
    if (!isAway) {
      setIsShown(false);
      if (wasShown.current) announce(t.reconnected);
      wasShown.current = false;
      return undefined;
    }
    const timer = setTimeout(() => {
      setIsShown(true);
      wasShown.current = true;
      announce(t.reconnecting);
    }, quietMs);
    return () => clearTimeout(timer);
  }, [isAway, t]);
  if (!isShown) return null;
  return (
    <p className={cx('flex items-center gap-2 px-3 text-small text-muted', className)}>
      <span aria-hidden className="size-[0.5rem] animate-breathe rounded-full bg-warn" />
      {t.reconnecting}
    </p>
  );
}
