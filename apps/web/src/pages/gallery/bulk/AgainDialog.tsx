import { useStore } from '@nanostores/react';
import { answer } from '@kiln/client/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { SpendDialog } from '../../../components/overlays/SpendDialog.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { clearSelection, selection } from '../selection/selection.ts';
import { startAction, subjectOf } from './bulk-actions.ts';
import { bulkTexts } from './texts.ts';

interface Preview {
  rows: number;
  cost: { estimated: number; at_most: number };
}
interface Untyped {
  POST: (path: string, init: object) => Promise<{ data: Preview; response: Response }>;
}

/** Asks before the requests of the chosen pictures are sent again, with what it costs. */
export function AgainDialog({ count, onClose }: { count: number; onClose: () => void }) {
  const t = useTexts(bulkTexts);
  const { money, number } = useFormat();
  const chosen = useStore(selection);
  const queries = useQueryClient();
  const { data: preview, error } = useQuery({
    queryKey: ['again', chosen],
    queryFn: async () =>
      answer(
        (client as unknown as Untyped).POST('/v1/finals', {
          params: { query: { dry_run: true } },
          body: { select: await subjectOf(chosen), changes: {}, by: 'prompt' },
        }),
      ),
    retry: false,
    gcTime: 0,
  });
  return (
    <SpendDialog
      isOpen
      onClose={onClose}
      title={t.againTitle(count)}
      description={
        preview === undefined
          ? (error?.message ?? t.againCounting)
          : t.againHint({ rows: number(preview.rows), money: money(preview.cost.estimated) })
      }
      dismissLabel={t.notNow}
      spendLabel={t.again}
      spend={async () => {
        await startAction('again', await subjectOf(chosen));
        clearSelection();
        await queries.invalidateQueries({ queryKey: keys.bulkActions });
      }}
      done={t.againStarted}
    />
  );
}
