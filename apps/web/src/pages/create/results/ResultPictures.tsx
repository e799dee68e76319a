import { Download, ImagePlus, Layers2 } from 'lucide-react';
import { useState } from 'react';
import { address, download } from '../../../api/client.ts';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { Picture } from '../../../components/display/Picture.tsx';
import { cx } from '../../../components/cx.ts';
import { PictureLink } from '../../../picture/PictureLink.tsx';
import { idOf } from '../../../picture/picture-id.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import type { Job, JobImage } from '../draft/types.ts';
import { addResult } from '../pictures/add-pictures.ts';
import { resultTexts } from './texts.ts';

/** Where a picture is served; the address in the job may be that of a public URL. */
function placeOf(job: Job, image: JobImage, isKept: boolean): string {
  return address(`v1/jobs/${job.id}/images/${image.index}${isKept ? '/composite' : ''}`);
}

export function ResultPictures({ job }: { job: Job }) {
  const t = useTexts(resultTexts);
  const format = useFormat();
  if (job.results_deleted_at !== null)
    return (
      <p className="rounded-medium bg-sunken p-5 text-center text-muted">
        {t.resultsDeleted({ time: format.time(job.results_deleted_at) })}
      </p>
    );
  return (
    <ul className={cx('grid gap-2', job.images.length > 1 ? 'grid-cols-2' : 'grid-cols-1')}>
      {job.images.map((image) => (
        <ResultPicture key={image.index} job={job} image={image} />
      ))}
    </ul>
  );
}

function ResultPicture({ job, image }: { job: Job; image: JobImage }) {
  const t = useTexts(resultTexts);
  const { composite, composite_skipped: skipped } = image;
  const [showsKept, setShowsKept] = useState(true);
  const isKept = composite !== null && showsKept;
  const place = placeOf(job, image, isKept);
  const ending = isKept ? 'png' : image.format;
  return (
    <li className="group/picture flex min-w-0 flex-col gap-2">
      <span className="relative block">
        <PictureLink id={idOf({ jobId: job.id, index: image.index })} label={t.open}>
          <Picture
            src={place}
            alt={job.request.prompt}
            width={image.width}
            height={image.height}
            thumbhash={image.thumbhash}
            fit="contain"
            loading="eager"
            className="max-h-[32rem] w-full"
          />
        </PictureLink>
        <span
          className="absolute right-2 bottom-2 flex gap-1 rounded-medium bg-surface/90 p-[0.125rem]
            transition-opacity pointer-fine:opacity-0
            pointer-fine:group-focus-within/picture:opacity-100
            pointer-fine:group-hover/picture:opacity-100"
        >
          <IconButton
            icon={ImagePlus}
            size="small"
            label={t.useAsSource}
            onClick={() => {
              addResult(place, `${job.id}-${image.index}.${ending}`).catch((error: unknown) =>
                showProblem(error instanceof Error ? error.message : t.useAsSource),
              );
            }}
          />
          <IconButton
            icon={Download}
            size="small"
            label={isKept ? t.downloadKept : t.download}
            onClick={() => download(`${place}?download=1`)}
          />
        </span>
      </span>
      {composite !== null && (
        <button
          type="button"
          aria-pressed={showsKept}
          onClick={() => setShowsKept(!showsKept)}
          className="flex items-center gap-2 self-start px-1 text-small font-semibold text-ember"
        >
          <Layers2 aria-hidden className="size-[1rem]" />
          {isKept ? t.kept : t.asMade}
        </button>
      )}
      {job.request.composite !== undefined && composite === null && (
        <p className="px-1 text-small text-muted">
          {skipped === null ? t.keptMaking : t.keptSkipped({ message: skipped.message })}
        </p>
      )}
    </li>
  );
}
