import { Layers } from 'lucide-react';
import { EmptyState } from '../../components/display/EmptyState.tsx';
import { Page } from '../../components/display/Page.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { batchesTexts } from './texts.ts';

export function BatchesPage() {
  const t = useTexts(batchesTexts);
  return (
    <Page title={t.title}>
      <EmptyState icon={Layers} title={t.empty}>
        {t.emptyHint}
      </EmptyState>
    </Page>
  );
}
