import { ImageOff } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { thumbHashToAverageRGBA } from 'thumbhash';
import { loadPicture } from './picture-queue.ts';

export interface ThumbnailProps {
  src: string;
  /** A blurred picture in a few bytes (base64), as the API sends it. */
  thumbhash: string | null;
}

/**
 * A small picture in a long list, where text beside it says what it shows. Its place has its colour
 * until it comes. It neither fades in nor shows a blur, unlike `Picture`, and waits for its turn:
 * hundreds come into sight while a list is scrolled.
 */
export function Thumbnail({ src, thumbhash }: ThumbnailProps) {
  const place = useRef<HTMLSpanElement>(null);
  const [broken, setBroken] = useState<string | null>(null);
  useLayoutEffect(() => {
    const element = place.current;
    const giveUp = loadPicture({
      src,
      onReady(picture) {
        picture.className = 'absolute inset-0 size-full object-cover';
        element?.append(picture);
      },
      onBroken: () => setBroken(src),
    });
    return () => {
      giveUp();
      element?.querySelector('img')?.remove();
    };
  }, [src]);
  return (
    <span
      ref={place}
      className="relative grid size-full place-items-center overflow-hidden rounded-medium bg-sunken"
      style={{ backgroundColor: colourOf(thumbhash) }}
    >
      {broken === src && <ImageOff aria-hidden className="size-[1.5rem] text-muted" />}
    </span>
  );
}

function colourOf(thumbhash: string | null): string | undefined {
  if (thumbhash === null || thumbhash === '') return undefined;
  try {
    const hash = Uint8Array.from(atob(thumbhash), (each) => each.charCodeAt(0));
    const { r, g, b, a } = thumbHashToAverageRGBA(hash);
    return `rgb(${r * 255} ${g * 255} ${b * 255} / ${a})`;
  } catch {
    return undefined; // a hash of another kind: the place keeps its usual colour
  }
}
