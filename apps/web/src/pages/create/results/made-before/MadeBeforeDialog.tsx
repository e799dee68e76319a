import { address } from '../../../../api/client.ts';
import { Button } from '../../../../components/controls/Button.tsx';
import { Picture } from '../../../../components/display/Picture.tsx';
import { RelativeTime } from '../../../../components/display/Time.tsx';
import { Dialog } from '../../../../components/overlays/Dialog.tsx';
import { PictureLink } from '../../../../picture/PictureLink.tsx';
import { idOf } from '../../../../picture/picture-id.ts';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import type { Job } from '../../draft/types.ts';
import { useSubmit } from '../../form/use-submit.ts';
import { madeBefore, type MadeBefore } from './made-before.ts';
import { rememberJob } from '../recent-jobs.ts';
import { revealResults } from '../reveal-results.ts';
import { madeBeforeTexts } from './texts.ts';

/** Shows what the same request has made before, free, and leaves the choice to pay again. */
export default function MadeBeforeDialog({ found }: { found: MadeBefore }) {
  const t = useTexts(madeBeforeTexts);
  const submit = useSubmit();
  const { request, jobs } = found;
  const close = (): void => madeBefore.set(null);
  function makeAnyway(): void {
    submit.mutate({ ...request, dedupe: 'off' });
    close();
  }
  function showThem(): void {
    for (const { id } of jobs.toReversed()) rememberJob(id);
    close();
    revealResults();
  }
  return (
    <Dialog
      isOpen
      onClose={close}
      size="medium"
      title={t.title}
      description={t.hint}
      actions={
        <>
          <Button onClick={makeAnyway}>{t.makeAnyway}</Button>
          <Button variant="primary" onClick={showThem}>
            {t.show}
          </Button>
        </>
      }
    >
      <ul className="grid grid-cols-2 gap-3 tablet:grid-cols-3">
        {jobs.map((job) => (
          <Earlier key={job.id} job={job} />
        ))}
      </ul>
    </Dialog>
  );
}

function Earlier({ job }: { job: Job }) {
  const t = useTexts(madeBeforeTexts);
  const { money } = useFormat();
  const [image] = job.images;
  if (image === undefined) return null;
  return (
    <li className="flex flex-col gap-1 text-small text-muted">
      <PictureLink id={idOf({ jobId: job.id, index: image.index })} label={t.open}>
        <Picture
          src={address(image.thumbnail_url ?? image.url)}
          alt={job.request.prompt}
          width={1}
          height={1}
          thumbhash={image.thumbhash}
        />
      </PictureLink>
      <span className="flex justify-between gap-2">
        <RelativeTime at={job.created_at} />
        {job.cost.actual !== null && <span className="tabular">{money(job.cost.actual)}</span>}
      </span>
    </li>
  );
}
