import { Link } from '@tanstack/react-router';
import { address } from '../../api/client.ts';
import type { GalleryImage } from '../../api/images.ts';
import { Thumbnail } from '../../components/display/Thumbnail.tsx';

/** A picture in a square that it fills; it leads to the picture. */
export function SmallPicture({ image }: { image: GalleryImage }) {
  const { job_id: jobId, index, prompt } = image;
  return (
    <Link
      to="/gallery/$jobId/$index"
      params={{ jobId, index: String(index) }}
      aria-label={prompt}
      title={prompt}
      className="block size-full overflow-hidden rounded-medium hover:opacity-90"
    >
      <Thumbnail src={address(image.thumbnail_url ?? image.url)} thumbhash={image.thumbhash} />
    </Link>
  );
}
