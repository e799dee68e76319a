import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { ListOrdered } from 'lucide-react';
import { client } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { EmptyState } from '../../components/display/EmptyState.tsx';
import { Page, Panel } from '../../components/display/Page.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { queueTexts } from './texts.ts';

export function QueuePage() {
  const t = useTexts(queueTexts);
  const { data: pools } = useQuery({
    queryKey: keys.pools,
    queryFn: () => answer(client.GET('/v1/pools')),
  });
  return (
    <Page title={t.title}>
      {pools?.data.map(({ name, backlog }) => (
        <Panel key={name} className="flex justify-between gap-4">
          <h2 className="text-lead font-semibold">{name}</h2>
          <p className="text-muted">{t.waiting(backlog)}</p>
        </Panel>
      ))}
      {pools?.data.every(({ backlog }) => backlog === 0) === true && (
        <EmptyState icon={ListOrdered} title={t.empty}>
          {t.emptyHint}
        </EmptyState>
      )}
    </Page>
  );
}
