import { useParams } from '@tanstack/react-router';
import { Notice } from '../../../components/display/Notice.tsx';
import { Page } from '../../../components/display/Page.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { useBatch, useBatchName, type Batch } from '../api.ts';
import { BatchState } from '../BatchState.tsx';
import { BatchActions } from './BatchActions.tsx';
import { Overview } from './Overview.tsx';
import { RowsSection } from './RowsSection.tsx';
import { batchTexts } from './texts.ts';

/** One batch: how far it is, what it costs, and its rows. */
export function BatchPage() {
  const t = useTexts(batchTexts);
  const { id } = useParams({ from: '/batches/$id' });
  const { data: batch, error, dataUpdatedAt } = useBatch(id);
  if (batch !== undefined) return <Loaded key={id} batch={batch} readAtMs={dataUpdatedAt} />;
  return (
    <Page title={t.loading}>
      {error === null ? (
        <Skeleton className="h-[12rem] rounded-large" />
      ) : (
        <Notice tone="bad" title={t.unread}>
          {error.message}
        </Notice>
      )}
    </Page>
  );
}

function Loaded({ batch, readAtMs }: { batch: Batch; readAtMs: number }) {
  const name = useBatchName(batch);
  return (
    <Page
      title={name}
      lead={<BatchState batch={batch} />}
      actions={<BatchActions batch={batch} name={name} />}
    >
      <Overview batch={batch} name={name} readAtMs={readAtMs} />
      <RowsSection batch={batch} />
    </Page>
  );
}
