import type { ReactNode } from 'react';
import { cx } from '../../components/cx.ts';
import { Layers, type Shown } from './Layers.tsx';
import { useGestures } from './use-gestures.ts';
import type { StageState } from './use-stage.ts';
import { placeOf, scaleOf, type Sizes, type Zoom } from './zoom.ts';

export interface StageProps {
  shown: Shown;
  stage: StageState;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
  onSweep?: (step: 1 | -1) => void;
  /** Laid over the picture, such as the other half of a comparison. */
  children?: ReactNode;
  /** Its place; it has to be positioned. */
  className: string;
}

/** One picture as large as it is wanted, moved and zoomed by pointer, fingers and wheel. */
export function Stage(props: StageProps) {
  const { shown, stage, zoom, onZoom, onSweep, children, className } = props;
  const { element, sizes } = stage;
  const gestures = useGestures({ stage, zoom, onZoom, onSweep });
  return (
    <div
      ref={element}
      {...gestures}
      className={cx(
        'touch-none overflow-hidden select-none',
        zoom.factor > 1 ? 'cursor-grab active:cursor-grabbing' : 'cursor-zoom-in',
        className,
      )}
    >
      {sizes !== null && <PlacedPicture shown={shown} zoom={zoom} sizes={sizes} />}
      {children}
    </div>
  );
}

/** From here on the pixels themselves are looked at, and must not be smoothed. */
const pixelScale = 3;

/** A picture at its place on a stage. */
export function PlacedPicture(props: { shown: Shown; zoom: Zoom; sizes: Sizes }) {
  const { shown, zoom, sizes } = props;
  const { x, y, width, height } = placeOf(zoom, sizes);
  const isPixelated = scaleOf(zoom, sizes) * sizes.ratio >= pixelScale;
  return (
    <div
      className="absolute top-0 left-0"
      style={{
        width,
        height,
        transform: `translate(${x}px, ${y}px)`,
        imageRendering: isPixelated ? 'pixelated' : 'auto',
      }}
    >
      <Layers key={shown.src} shown={shown} />
    </div>
  );
}
