import { ListOrdered } from 'lucide-react';
import { EmptyState } from '../../components/display/EmptyState.tsx';
import { Page } from '../../components/display/Page.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { queueTexts } from './texts.ts';

export function QueuePage() {
  const t = useTexts(queueTexts);
  return (
    <Page title={t.title}>
      <EmptyState icon={ListOrdered} title={t.empty}>
        {t.emptyHint}
      </EmptyState>
    </Page>
  );
}
