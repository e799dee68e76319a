import { useStore } from '@nanostores/react';
import { useEffect, useState } from 'react';
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
  const status = useStore(liveStatus);
  const isAway = status !== 'live';
  const words = status === 'connecting' ? t.connecting : t.reconnecting;
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    if (!isAway) return undefined;
    let isTold = false;
    const timer = setTimeout(() => {
      setIsLate(true);
      announce(words);
      isTold = true;
    }, quietMs);
    return () => {
      clearTimeout(timer);
      setIsLate(false);
      if (isTold) announce(t.reconnected);
    };
  }, [isAway, words, t]);
  if (!isAway || !isLate) return null;
  return (
    <p className={cx('flex items-center gap-2 px-3 text-small text-muted', className)}>
      <span aria-hidden className="size-[0.5rem] animate-breathe rounded-full bg-warn" />
      {words}
    </p>
  );
}
