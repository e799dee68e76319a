import { useStore } from '@nanostores/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../../api/keys.ts';
import { SpendDialog } from '../../../components/overlays/SpendDialog.tsx';
import { maxCostOf, previewFinals, type FinalsPreview } from '../../../finals/finals-api.ts';
import { readId } from '../../../picture/picture-id.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { clearSelection, selection, type Selection } from '../selection/selection.ts';
import { startAction, subjectOf } from './bulk-actions.ts';
import { bulkTexts } from './texts.ts';

/** Asks before the requests of the chosen pictures are sent again, with what it costs. */
export function AgainDialog({ count, onClose }: { count: number; onClose: () => void }) {
  const t = useTexts(bulkTexts);
  const { money, number } = useFormat();
  const chosen = useStore(selection);
  const queries = useQueryClient();
  const { data: preview, error } = useQuery({
    queryKey: ['again', [...chosen.ids], chosen.all],
    queryFn: ({ signal }) => previewAgain(chosen, signal),
    retry: false,
    gcTime: 0,
  });
  const obstacle = error?.message ?? t.againCounting;
  return (
    <SpendDialog
      isOpen
      onClose={onClose}
      title={t.againTitle({ shown: number(count) })(count)}
      description={
        preview === undefined
          ? obstacle
          : t.againHint({ shown: number(preview.rows), money: money(preview.cost.estimated) })(
              preview.rows,
            )
      }
      dismissLabel={t.notNow}
      spendLabel={t.again}
      unavailable={preview === undefined ? obstacle : undefined}
      spend={async () => {
        const bound = preview === undefined ? {} : { max_cost: maxCostOf(preview.cost.estimated) };
        await startAction('again', await subjectOf(chosen), bound);
        clearSelection();
        await queries.invalidateQueries({ queryKey: keys.bulkActions });
      }}
      done={t.againStarted}
    />
  );
}

/**
 * Finals without a change are the same pictures again, so their dry run has the price. The action
 * makes whole jobs again: where the jobs are known, all of their pictures are counted.
 */
async function previewAgain(chosen: Selection, signal: AbortSignal): Promise<FinalsPreview> {
  const jobs = new Set([...chosen.ids].map((id) => readId(id).jobId));
  const select = chosen.all === null ? { jobs: [...jobs] } : await subjectOf(chosen);
  return previewFinals({ select }, { by: 'prompt', changes: {} }, signal);
}
