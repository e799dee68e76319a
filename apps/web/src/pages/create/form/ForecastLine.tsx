import type { ReactNode } from 'react';
import { useNow } from '../../../components/display/clock.ts';
import { cx } from '../../../components/cx.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { formTexts } from './texts.ts';
import type { Forecast } from './use-forecast.ts';

/** What it will cost, when it starts, when it should be done. */
export function ForecastLine({ forecast }: { forecast: Forecast }) {
  const t = useTexts(formTexts);
  const format = useFormat();
  const now = useNow();
  const { validation, askedAt, isOld, failure } = forecast;
  if (failure !== null && validation === null)
    return <p className="text-small text-bad">{t.cannotCheck({ message: failure })}</p>;
  if (validation === null) return <p className="text-small text-muted">{t.checking}</p>;
  const { cost, queue } = validation;
  const estimated =
    cost.estimated === null ? t.costUnknown : t.about({ amount: format.money(cost.estimated) });
  const limit =
    cost.at_most !== null
      ? t.atMost({ amount: format.money(cost.at_most) })
      : cost.at_most_reason === null
        ? ''
        : t.noLimit({ reason: cost.at_most_reason });
  const startsIn =
    queue?.starts_in_seconds === undefined || queue.starts_in_seconds === null
      ? null
      : queue.starts_in_seconds - (now - askedAt);
  const starts =
    queue === null
      ? t.notKnown
      : startsIn === null
        ? t.whenResumed
        : startsIn < 1
          ? t.now
          : t.inTime({ time: format.duration(startsIn) });
  return (
    <dl
      data-testid="forecast"
      className={cx(
        'grid grid-cols-3 gap-3 transition-opacity duration-300',
        isOld && 'opacity-60',
      )}
    >
      <Fact name={t.cost} value={estimated} note={limit} />
      <Fact
        name={t.starts}
        value={starts}
        note={queue === null || queue.position === 0 ? '' : t.ahead(queue.position)}
      />
      <Fact name={t.done} value={done()} note="" />
    </dl>
  );

  function done(): string {
    const finish = queue?.finishes_at;
    if (finish === null || finish === undefined) return t.notKnown;
    const passed = now - askedAt;
    const from = Math.max(0, finish.earliest - askedAt - Math.max(0, passed));
    const to = Math.max(1, finish.latest - askedAt - Math.max(0, passed));
    return t.inTime({
      time:
        to - from < 2
          ? format.duration(to)
          : t.doneBetween({ from: format.duration(from), to: format.duration(to) }),
    });
  }
}

function Fact({ name, value, note }: { name: string; value: ReactNode; note: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-small text-muted">{name}</dt>
      <dd className="tabular font-semibold max-tablet:text-small">{value}</dd>
      {note !== '' && <dd className="tabular text-small text-muted">{note}</dd>}
    </div>
  );
}
