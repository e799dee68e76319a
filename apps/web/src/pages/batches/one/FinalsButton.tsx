import { useQuery } from '@tanstack/react-query';
import { WandSparkles } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { countImages } from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import type { FinalsOf } from '../../../finals/finals-api.ts';
import { useCommands } from '../../../keyboard/commands.ts';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { pickTexts } from '../pick/texts.ts';

const FinalsDialog = lazy(() => import('../../../finals/FinalsDialog.tsx'));

/** Makes finals of the pictures of the batch that were picked. */
export function FinalsButton({ batchId }: { batchId: string }) {
  const t = useTexts(pickTexts);
  const [finals, setFinals] = useState<FinalsOf | null>(null);
  const { data: count = 0 } = useQuery({
    queryKey: [...keys.images, 'picked', batchId],
    queryFn: ({ signal }) => countImages({ batch_id: batchId, starred: true }, undefined, signal),
    staleTime: 0, // the visitor comes back from picking
  });
  const open = (): void => {
    if (count > 0) setFinals({ batchId, select: { starred: true } });
  };
  useShortcuts([{ keys: 'm', label: t.finalsOfNone, run: open }]);
  useCommands([{ id: 'finals', label: t.finalsOfNone, icon: WandSparkles, keys: 'm', run: open }]);
  return (
    <>
      <Button
        icon={WandSparkles}
        unavailable={count === 0 ? t.pickBefore : undefined}
        title={count === 0 ? undefined : t.finals(count)}
        onClick={open}
      >
        {t.finalsOfNone}
      </Button>
      <Suspense>
        {finals !== null && <FinalsDialog of={finals} onClose={() => setFinals(null)} />}
      </Suspense>
    </>
  );
}
