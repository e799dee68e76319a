import { ImageOff } from 'lucide-react';
import { useMemo, useState } from 'react';
import { thumbHashToDataURL } from 'thumbhash';
import { cx } from '../../components/cx.ts';
import type { Size } from './zoom.ts';

export interface Shown extends Size {
  /** Address of the original. */
  src: string;
  alt: string;
  thumbhash: string | null;
  /** Address of a small picture, which is likely there already. */
  thumbnail: string | null;
}

/** A picture that fills its box; its blur and its thumbnail stand in until it is there. */
export function Layers({ shown }: { shown: Shown }) {
  const { src, alt, thumbhash, thumbnail } = shown;
  const [is, setIs] = useState<'coming' | 'there' | 'broken'>('coming');
  const blurred = useMemo(() => decode(thumbhash), [thumbhash]);
  const layer = 'absolute inset-0 size-full max-w-none';
  if (is === 'broken')
    return (
      <span
        role="img"
        aria-label={alt}
        className={cx(layer, 'grid place-items-center rounded-medium bg-sunken')}
      >
        <ImageOff aria-hidden className="size-[2rem] text-muted" />
      </span>
    );
  return (
    <>
      {is === 'coming' && blurred !== null && (
        <img src={blurred} alt="" aria-hidden className={layer} />
      )}
      {is === 'coming' && thumbnail !== null && (
        <img src={thumbnail} alt="" aria-hidden draggable={false} className={layer} />
      )}
      <img
        src={src}
        alt={alt}
        draggable={false}
        data-state={is}
        onLoad={() => setIs('there')}
        onError={() => setIs('broken')}
        className={cx(layer, is === 'coming' && 'opacity-0')}
      />
    </>
  );
}

function decode(thumbhash: string | null): string | null {
  if (thumbhash === null || thumbhash === '') return null;
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (each) => each.charCodeAt(0)));
  } catch {
    return null; // a hash of another kind: the place stays empty
  }
}
