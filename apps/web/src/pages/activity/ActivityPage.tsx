import { Activity } from 'lucide-react';
import { EmptyState } from '../../components/display/EmptyState.tsx';
import { Page } from '../../components/display/Page.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { activityTexts } from './texts.ts';

export function ActivityPage() {
  const t = useTexts(activityTexts);
  return (
    <Page title={t.title}>
      <EmptyState icon={Activity} title={t.empty}>
        {t.emptyHint}
      </EmptyState>
    </Page>
  );
}
