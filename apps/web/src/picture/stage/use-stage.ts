import { useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { Size, Sizes } from './zoom.ts';

export interface StageState {
  element: RefObject<HTMLDivElement | null>;
  /** Null until the stage is measured. */
  sizes: Sizes | null;
}

/** Measures a stage for a picture, so that keys and gestures zoom alike. */
export function useStage(picture: Size): StageState {
  const element = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const measure = (): void =>
      setStage({ width: current.clientWidth, height: current.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  const ratio = globalThis.devicePixelRatio;
  return { element, sizes: stage === null ? null : { picture, stage, ratio } };
}
