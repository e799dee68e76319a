import { useStore } from '@nanostores/react';
import { useEffect, useRef, useState, type PointerEvent } from 'react';
import { cx } from '../components/cx.ts';
import { useTexts } from '../texts/i18n.ts';
import type { MaskDocument } from './mask-document.ts';
import { maskTexts } from './texts.ts';
import type { Tool } from './tools.ts';
import { usePainting } from './use-painting.ts';
import { fitted, type View } from './view.ts';

export interface StageProps {
  /** Address of the picture below the mask. */
  picture: string;
  document: MaskDocument;
  tool: Tool;
  size: number;
  onSize: (size: number) => void;
  view: View | null;
  onView: (view: View) => void;
  isSpaceHeld: boolean;
}

/** The picture with its mask above it, moved and zoomed, and the outline of the brush. */
export function Stage(props: StageProps) {
  const { picture, document: mask, tool, size, view, onView, isSpaceHeld } = props;
  const t = useTexts(maskTexts);
  const stage = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const brush = useRef<HTMLDivElement>(null);
  const feather = useStore(mask.feather);
  const [isInside, setIsInside] = useState(false);
  const shown = view ?? { scale: 1, x: 0, y: 0 };
  const painting = usePainting({ ...props, stage, view: shown });

  useEffect(() => {
    layer.current?.append(mask.canvas);
    return () => mask.canvas.remove();
  }, [mask]);
  useEffect(() => {
    const element = stage.current;
    if (element === null || view !== null) return;
    const fit = () => {
      if (element.clientWidth === 0) return;
      onView(fitted(mask.size, { width: element.clientWidth, height: element.clientHeight }));
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [mask, view, onView]);

  const outline = size * shown.scale;
  const isBrush = tool === 'brush' || tool === 'eraser';
  const follow = (event: PointerEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    if (brush.current !== null)
      brush.current.style.translate = `${event.clientX - left}px ${event.clientY - top}px`;
  };
  return (
    <div
      ref={stage}
      role="application"
      aria-label={t.stage}
      data-testid="mask-stage"
      className={cx(
        'relative min-h-0 grow touch-none overflow-hidden rounded-medium bg-sunken select-none',
        isSpaceHeld
          ? 'cursor-grab active:cursor-grabbing'
          : isBrush
            ? 'cursor-none'
            : 'cursor-crosshair',
      )}
      {...painting}
      onPointerMove={(event) => {
        follow(event);
        painting.onPointerMove(event);
      }}
      onPointerEnter={(event) => {
        follow(event);
        setIsInside(event.pointerType !== 'touch');
      }}
      onPointerLeave={() => setIsInside(false)}
    >
      <div
        className={cx('absolute top-0 left-0 origin-top-left', view === null && 'invisible')}
        style={{
          width: mask.size.width,
          height: mask.size.height,
          transform: `translate(${shown.x}px, ${shown.y}px) scale(${shown.scale})`,
        }}
      >
        <img
          src={picture}
          alt=""
          draggable={false}
          className="absolute inset-0 size-full bg-raised"
        />
        <div
          ref={layer}
          className="absolute inset-0 opacity-60"
          style={{ filter: feather === 0 ? 'none' : `blur(${feather / 2}px)` }}
        />
      </div>
      {isBrush && isInside && !isSpaceHeld && (
        <div
          ref={brush}
          aria-hidden
          className="pointer-events-none absolute top-0 left-0 rounded-[50%] border border-white mix-blend-difference"
          style={{
            width: outline,
            height: outline,
            marginLeft: -outline / 2,
            marginTop: -outline / 2,
          }}
        />
      )}
    </div>
  );
}
