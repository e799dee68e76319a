import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import type { Activity } from '../types.ts';
import { refusalsOf } from './counts.ts';

/** What the chart shows, for screen readers: the times that had calls, newest first. */
export function ActivityTable({ activity }: { activity: Activity }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const busy = activity.data.filter(({ started }) => started > 0).toReversed();
  return (
    <div className="sr-only">
      <table>
        <caption>{t.chartTable({ pool: activity.pool })}</caption>
        <thead>
          <tr>
            <th scope="col">{t.from}</th>
            <th scope="col">{t.calls}</th>
            <th scope="col">{t.refusals}</th>
            <th scope="col">{t.pictures}</th>
            <th scope="col">{t.spent}</th>
          </tr>
        </thead>
        <tbody>
          {busy.map((bucket) => (
            <tr key={bucket.at}>
              <th scope="row">{format.time(bucket.at)}</th>
              <td>{bucket.started}</td>
              <td>{refusalsOf(bucket)}</td>
              <td>{bucket.images}</td>
              <td>{format.money(bucket.cost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
