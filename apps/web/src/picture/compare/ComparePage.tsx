import { useSearch } from '@tanstack/react-router';
import { Columns2, Eye, Scan, SquareSplitHorizontal } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { IconButton } from '../../components/controls/IconButton.tsx';
import { Segmented } from '../../components/controls/Segmented.tsx';
import { EmptyState } from '../../components/display/EmptyState.tsx';
import { useShortcuts } from '../../keyboard/shortcuts.ts';
import { useTexts } from '../../texts/i18n.ts';
import { BackButton } from '../BackButton.tsx';
import { wholePicture } from '../stage/zoom.ts';
import { pictureTexts } from '../texts.ts';
import { Beside } from './Beside.tsx';
import { Divided } from './Divided.tsx';
import { compareTexts } from './texts.ts';
import { useCompared } from './use-compared.ts';
import { mostCompared } from './most-compared.ts';

/** Two to four pictures, looked at together: `/gallery/compare?ids=job_…/0,job_…/1`. */
export function ComparePage() {
  const t = useTexts(compareTexts);
  const { whole } = useTexts(pictureTexts);
  const { ids = '' } = useSearch({ from: '/gallery/compare' });
  const wanted = [...new Set(ids.split(',').filter(Boolean))].slice(0, mostCompared);
  const { all, isPending } = useCompared(wanted);
  const [zoom, setZoom] = useState(wholePicture);
  const [way, setWay] = useState<'beside' | 'slider'>('beside');
  const hasSource = all.some(({ source }) => source !== null);
  const [showsSource, setShowsSource] = useState(false);
  useHeldSpace(hasSource ? setShowsSource : undefined);
  useShortcuts([
    { keys: 'w', label: whole, run: () => setZoom(wholePicture) },
    { keys: 'Space', label: t.holdSource, isNative: true },
  ]);
  const title = t.title(Math.max(2, all.length));
  useEffect(() => {
    document.title = `${title} · Kiln`;
  }, [title]);
  const [one, other] = all;
  return (
    <div
      className="fixed inset-x-0 top-0 bottom-(--tab-bar) z-10 flex flex-col bg-ground
        desktop:bottom-0 desktop:left-(--navigation)"
    >
      <header className="flex items-center gap-2 border-b border-line px-2 py-1">
        <BackButton />
        <h1 tabIndex={-1} data-page-heading className="min-w-0 grow truncate px-2 font-semibold">
          {title}
        </h1>
        <Segmented
          label={t.way}
          isCompact
          value={all.length === 2 ? way : 'beside'}
          onChange={setWay}
          segments={[
            { value: 'beside', label: t.beside, icon: Columns2 },
            {
              value: 'slider',
              label: t.slider,
              icon: SquareSplitHorizontal,
              unavailable: all.length === 2 ? undefined : t.sliderOfTwo,
            },
          ]}
        />
        <IconButton icon={Scan} label={whole} keys="w" onClick={() => setZoom(wholePicture)} />
        <IconButton
          icon={Eye}
          label={t.holdSource}
          isPressed={showsSource}
          unavailable={hasSource ? undefined : t.noSource}
          data-hold
          onPointerDown={() => setShowsSource(hasSource)}
          onPointerUp={() => setShowsSource(false)}
          onPointerLeave={() => setShowsSource(false)}
        />
      </header>
      <div className="relative min-h-0 grow bg-sunken">
        {all.length < 2 && !isPending ? (
          <EmptyState icon={Columns2} title={t.nothing}>
            {t.nothingHint}
          </EmptyState>
        ) : way === 'slider' && all.length === 2 && one !== undefined && other !== undefined ? (
          <Divided one={one} other={other} zoom={zoom} onZoom={setZoom} showsSource={showsSource} />
        ) : (
          <Beside all={all} zoom={zoom} onZoom={setZoom} showsSource={showsSource} />
        )}
      </div>
    </div>
  );
}

/** Says while the space bar is held, unless it presses what has the focus. */
function useHeldSpace(onChange: ((isHeld: boolean) => void) | undefined): void {
  const change = useEffectEvent((isHeld: boolean) => onChange?.(isHeld));
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    addEventListener(
      'keydown',
      (event) => {
        const { target } = event;
        const isPress =
          target instanceof HTMLElement &&
          target.closest('button:not([data-hold]), a, input') !== null;
        if (event.key !== ' ' || isPress) return;
        event.preventDefault(); // the page would scroll
        change(true);
      },
      { signal },
    );
    addEventListener('keyup', ({ key }) => key === ' ' && change(false), { signal });
    addEventListener('blur', () => change(false), { signal });
    return () => ends.abort();
  }, []);
}
