import { ListChecks } from 'lucide-react';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { BulkAction } from '../bulk/bulk-actions.ts';
import { galleryTexts } from '../texts.ts';
import { ActionCard } from './ActionCard.tsx';

/** Changes of many pictures, newest first, with how far they are and what could not be changed. */
export function ActionsView({ actions }: { actions: readonly BulkAction[] | undefined }) {
  const t = useTexts(galleryTexts);
  useListKeys();
  if (actions === undefined) return <Skeleton className="h-[12rem] rounded-large" />;
  if (actions.length === 0)
    return (
      <EmptyState icon={ListChecks} title={t.noActions}>
        {t.noActionsHint}
      </EmptyState>
    );
  return (
    <ul className="flex flex-col gap-3">
      {actions.map((action) => (
        <ActionCard key={action.id} action={action} />
      ))}
    </ul>
  );
}
