import { Badge } from '../../../components/display/Badge.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { statusLooks } from '../../../words/status-looks.ts';
import { statusTexts } from '../../../words/texts.ts';
import type { Job } from '../draft/types.ts';
import { differences, summarise } from './ledger.ts';
import { resultTexts } from './texts.ts';

/** State, size, cost and calls, in one line; a badge where something differs from the wish. */
export function CardLine({ job, isLeaving }: { job: Job; isLeaving: boolean }) {
  const t = useTexts(resultTexts);
  const format = useFormat();
  const states = useTexts(statusTexts);
  const [first] = job.images;
  const estimated = job.cost.estimated;
  const facts = [
    ...(first === undefined ? [] : [`${first.width} × ${first.height} ${first.format}`]),
    ...(job.status === 'succeeded' ? [summarise(job, t, format)] : []),
    ...((job.status === 'queued' || job.status === 'in_progress') && estimated !== null
      ? [t.estimate({ amount: format.money(estimated) })]
      : []),
  ];
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 px-1 text-small text-muted">
      <Badge tone={isLeaving ? 'neutral' : statusLooks[job.status].tone}>
        {isLeaving ? t.cancelling : states[job.status]}
      </Badge>
      {facts.map((fact) => (
        <span key={fact} className="tabular">
          {fact}
        </span>
      ))}
      {differences(job, t).map((difference) => (
        <Badge key={difference} tone="warn">
          {difference}
        </Badge>
      ))}
    </p>
  );
}
