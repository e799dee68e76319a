import { useParams } from '@tanstack/react-router';
import { useBatchName } from '../../../api/batch-name.ts';
import { Notice } from '../../../components/display/Notice.tsx';
import { Page } from '../../../components/display/Page.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { useBatch, type Batch } from '../api.ts';
import { BatchActions } from './BatchActions.tsx';
import { BatchHead } from './BatchHead.tsx';
import { Overview } from './Overview.tsx';
import { RowsSection } from './RowsSection.tsx';
import { batchTexts } from './texts.ts';
import { useRowCounts } from './use-rows.ts';

/** One batch: how far it is, what it costs, and its rows. */
export function BatchPage() {
  const t = useTexts(batchTexts);
  const { id } = useParams({ from: '/batches/$id' });
  const { data: batch, error } = useBatch(id);
  if (batch !== undefined) return <Loaded key={id} batch={batch} />;
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

function Loaded({ batch }: { batch: Batch }) {
  const name = useBatchName(batch);
  const counts = useRowCounts(batch.id);
  return (
    <Page
      title={name}
      lead={<BatchHead batch={batch} name={name} />}
      actions={<BatchActions batch={batch} name={name} counts={counts?.counts.status} />}
    >
      <Overview batch={batch} name={name} counts={counts?.counts.status} />
      {counts !== undefined && <RowsSection batchId={batch.id} counts={counts} />}
    </Page>
  );
}
