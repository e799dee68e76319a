import { useParams } from '@tanstack/react-router';
import { ImageOff } from 'lucide-react';
import { useEffect } from 'react';
import { useBatchName } from '../../../api/batch-name.ts';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { useBatch, type Batch } from '../api.ts';
import { Picker } from './Picker.tsx';
import { pickTexts } from './texts.ts';
import { usePictures } from './use-pictures.ts';

/** The pictures of a batch one by one, to be picked by keys, and finals of those that were. */
export function PickPage() {
  const { id } = useParams({ from: '/batches/$id/pick' });
  const { data: batch, error } = useBatch(id);
  return (
    <div
      className="fixed inset-x-0 top-0 bottom-(--tab-bar) z-10 flex flex-col bg-ground
        desktop:bottom-0 desktop:left-(--navigation)"
    >
      {batch !== undefined && <Loaded key={id} batch={batch} />}
      {batch === undefined && error !== null && <Unread problem={error.message} />}
      {batch === undefined && error === null && <Skeleton className="grow" />}
    </div>
  );
}

function Loaded({ batch }: { batch: Batch }) {
  const t = useTexts(pickTexts);
  const name = useBatchName(batch);
  const found = usePictures(batch.id);
  const title = t.title({ name });
  useEffect(() => {
    document.title = `${title} · Kiln`;
  }, [title]);
  const { pictures, problem } = found;
  if (problem !== null) return <Unread problem={problem} />;
  if (pictures === undefined)
    return (
      <div role="status" aria-label={t.reading} className="grow">
        <Skeleton className="size-full" />
      </div>
    );
  const [first] = pictures;
  if (first === undefined)
    return (
      <EmptyState icon={ImageOff} title={t.empty}>
        {t.emptyHint}
      </EmptyState>
    );
  return <Picker batchId={batch.id} title={title} first={first} found={{ ...found, pictures }} />;
}

function Unread({ problem }: { problem: string }) {
  const t = useTexts(pickTexts);
  return (
    <div className="p-4">
      <Notice tone="bad" title={t.unread}>
        {problem}
      </Notice>
    </div>
  );
}
