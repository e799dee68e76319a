import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { paramsOf } from './picture-id.ts';
import { setShelf, type Shelf } from './shelf.ts';

export interface PictureLinkProps {
  id: string;
  /** What the link does; the picture inside it says what it shows. */
  label: string;
  /** The list that the arrow keys of the viewer lead through; left out: the pictures of the job. */
  shelf?: Shelf;
  children: ReactNode;
}

/** A picture that opens in the viewer. */
export function PictureLink({ id, label, shelf, children }: PictureLinkProps) {
  return (
    <Link
      to="/gallery/$jobId/$index"
      params={paramsOf(id)}
      title={label}
      onClick={() => setShelf(shelf ?? 'job')}
      className="block"
    >
      {children}
    </Link>
  );
}
