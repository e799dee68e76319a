import { Download, Image } from 'lucide-react';
import { address } from '../../../api/client.ts';
import { Picture } from '../../../components/display/Picture.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { PictureLink } from '../../../picture/PictureLink.tsx';
import { idOf } from '../../../picture/picture-id.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { Job } from '../types.ts';
import { jobTexts } from './texts.ts';

/** The pictures of a job, each with its size and a way to keep it. */
export function Pictures({ job }: { job: Job }) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const { images, id, request } = job;
  if (job.results_deleted_at !== null) return <Notice>{t.deleted}</Notice>;
  if (images.length === 0)
    return (
      <div
        className="flex min-h-[12rem] flex-col items-center justify-center gap-3 rounded-large
          border border-dashed border-line text-muted"
      >
        <Image aria-hidden className="size-[1.75rem]" strokeWidth={1.5} />
        {job.finished_at === null ? t.noPicture : t.noPictureMade}
      </div>
    );
  return (
    <div className={images.length > 1 ? 'grid gap-4 tablet:grid-cols-2' : undefined}>
      {images.map((image) => (
        <figure
          key={image.index}
          className="flex flex-col gap-2"
          // Wider, the picture would be higher than the window.
          style={{ maxWidth: `calc(75dvh * ${image.width / image.height})` }}
        >
          <PictureLink id={idOf({ jobId: id, index: image.index })} label={t.open}>
            <Picture
              src={address(image.url)}
              alt={t.pictureOf({ number: image.index + 1, prompt: request.prompt.slice(0, 200) })}
              width={image.width}
              height={image.height}
              thumbhash={image.thumbhash}
              fit="contain"
              loading="eager"
              className="w-full"
            />
          </PictureLink>
          <figcaption className="flex items-center justify-between gap-3 text-small text-muted">
            <span className="tabular">
              {image.width} × {image.height} · {image.format} · {format.bytes(image.bytes)}
            </span>
            <a
              href={address(image.url)}
              download={`${id}-${image.index}.${image.format}`}
              className="inline-flex items-center gap-1 font-semibold text-ink hover:text-ember"
            >
              <Download aria-hidden className="size-[1rem]" />
              {t.download}
            </a>
          </figcaption>
        </figure>
      ))}
    </div>
  );
}
