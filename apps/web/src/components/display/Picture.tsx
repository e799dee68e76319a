import { ImageOff } from 'lucide-react';
import { useMemo, useState, type CSSProperties } from 'react';
import { thumbHashToDataURL } from 'thumbhash';
import { cx } from '../cx.ts';

export interface PictureProps {
  src: string;
  /** What it shows: its prompt, or empty where the text beside it says it. */
  alt: string;
  /** Pixels of the original; they keep its place free before it is there. */
  width: number;
  height: number;
  /** A blurred picture in a few bytes (base64), as the API sends it. */
  thumbhash?: string | null | undefined;
  /** `cover` fills a given box and cuts; `contain` shows all of it. */
  fit?: 'cover' | 'contain';
  loading?: 'lazy' | 'eager';
  className?: string;
}

/** A picture of a job. Its place has its shape and colours at once; nothing moves when it comes. */
export function Picture(props: PictureProps) {
  const { src, alt, width, height, thumbhash, fit = 'cover', loading = 'lazy', className } = props;
  const [state, setState] = useState<{ src: string; is: 'there' | 'broken' } | null>(null);
  const is = state?.src === src ? state.is : 'coming';
  const blurred = useMemo(() => decode(thumbhash), [thumbhash]);
  return (
    <span
      className={cx('relative block overflow-hidden rounded-medium bg-sunken', className)}
      style={{ aspectRatio: `${width} / ${height}` } satisfies CSSProperties}
    >
      {blurred !== null && is !== 'there' && (
        <img src={blurred} alt="" aria-hidden className="absolute inset-0 size-full" />
      )}
      {is === 'broken' ? (
        <span role="img" aria-label={alt} className="absolute inset-0 grid place-items-center">
          <ImageOff aria-hidden className="size-[1.5rem] text-muted" />
        </span>
      ) : (
        <img
          src={src}
          alt={alt}
          width={width}
          height={height}
          loading={loading}
          decoding="async"
          onLoad={() => setState({ src, is: 'there' })}
          onError={() => setState({ src, is: 'broken' })}
          className={cx(
            'absolute inset-0 size-full transition-opacity duration-300',
            fit === 'cover' ? 'object-cover' : 'object-contain',
            is === 'coming' && 'opacity-0',
          )}
        />
      )}
    </span>
  );
}

function decode(thumbhash: string | null | undefined): string | null {
  if (thumbhash === null || thumbhash === undefined || thumbhash === '') return null;
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (each) => each.charCodeAt(0)));
  } catch {
    return null; // a hash of another kind: the place keeps its colour
  }
}
