import { Panel } from '../../../components/display/Page.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import type { Pool } from '../types.ts';
import { ActivityPanel } from './ActivityPanel.tsx';
import { Meters } from './Meters.tsx';
import { PoolFacts } from './PoolFacts.tsx';
import { PoolHead } from './PoolHead.tsx';
import { Stops } from './Stops.tsx';

/** A pool: whether it runs, its figures, its quota as the provider counts it, and its last hours. */
export function PoolPanel({ pool }: { pool: Pool }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  return (
    <Panel className="flex min-w-0 flex-col gap-5">
      <PoolHead pool={pool} />
      <Stops pool={pool} />
      <PoolFacts pool={pool} />
      {pool.at_risk > 0 && (
        <Notice tone="warn">{t.atRisk({ money: format.money(pool.at_risk) })}</Notice>
      )}
      {pool.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <Meters reported={pool.reported} />
      <ActivityPanel pool={pool.name} />
    </Panel>
  );
}
