import { useState, type CSSProperties } from 'react';
import { useTexts } from '../../texts/i18n.ts';
import { PlacedPicture, Stage } from '../stage/Stage.tsx';
import { useStage } from '../stage/use-stage.ts';
import { PartBadge, type CompareViewProps } from './Beside.tsx';
import { compareTexts } from './texts.ts';
import type { Compared } from './use-compared.ts';

interface DividedProps extends Omit<CompareViewProps, 'all'> {
  /** On the left of the line. */
  one: Compared;
  other: Compared;
}

/** Two pictures over one another; a line, which a slider moves, divides them. */
export function Divided({ one, other, zoom, onZoom, showsSource }: DividedProps) {
  const t = useTexts(compareTexts);
  const [share, setShare] = useState(50);
  const left = (showsSource ? one.source : null) ?? one.shown;
  const right = (showsSource ? other.source : null) ?? other.shown;
  const stage = useStage(right);
  const { sizes } = stage;
  return (
    <>
      <Stage shown={right} stage={stage} zoom={zoom} onZoom={onZoom} className="absolute inset-0">
        {sizes !== null && (
          <div
            className="pointer-events-none absolute inset-0 bg-sunken"
            style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
          >
            <PlacedPicture
              shown={left}
              zoom={zoom}
              sizes={{ ...sizes, picture: { width: left.width, height: left.height } }}
            />
          </div>
        )}
        <span
          aria-hidden
          className="pointer-events-none absolute inset-y-0 w-[2px] -translate-x-1/2 bg-surface
            shadow-float"
          style={{ left: `${share}%` }}
        />
      </Stage>
      <span className="pointer-events-none absolute top-2 left-2">
        <PartBadge part={showsSource && one.source !== null ? 'source' : one.part} />
      </span>
      <span className="pointer-events-none absolute top-2 right-2">
        <PartBadge part={showsSource && other.source !== null ? 'source' : other.part} />
      </span>
      <input
        type="range"
        aria-label={t.divide}
        min={0}
        max={100}
        step={0.5}
        value={share}
        onChange={({ currentTarget }) => setShare(currentTarget.valueAsNumber)}
        style={{ '--filled': `${share}%` } as CSSProperties}
        className="range absolute inset-x-0 bottom-4 w-full"
      />
    </>
  );
}
