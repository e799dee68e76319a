import { useState, type PointerEvent, type ReactNode } from 'react';
import { cx } from '../../../components/cx.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import type { Activity } from '../types.ts';
import { refusalsOf, totalsOf } from './counts.ts';

const height = 96;
const step = 10;

/**
 * Bars of calls, their refused part on top in the colour of a warning, and pictures as a line.
 * While the pointer is on it, the figures above are those of one bar. Screen readers have the table
 * instead.
 */
export function ActivityChart({ activity }: { activity: Activity }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const [chosen, setChosen] = useState<number | null>(null);
  const { data: buckets } = activity;
  const bucket = chosen === null ? undefined : buckets[chosen];
  const totals = totalsOf(bucket === undefined ? buckets : [bucket]);
  const isQuiet = buckets.every(({ started }) => started === 0);
  const first = buckets[0];

  function choose(event: PointerEvent<HTMLDivElement>): void {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * buckets.length);
    setChosen(Math.min(buckets.length - 1, Math.max(0, index)));
  }

  return (
    <div aria-hidden className="flex flex-col gap-3">
      <div className="flex flex-wrap items-baseline gap-x-5 gap-y-1 text-small">
        <Legend mark="bg-edge" label={t.calls}>
          {format.number(totals.calls)}
        </Legend>
        <Legend mark="bg-warn" label={t.refusals}>
          {format.number(totals.refusals)}
        </Legend>
        <Legend mark="bg-ember" label={t.pictures}>
          {format.number(totals.pictures)}
        </Legend>
        <span className="tabular ml-auto text-muted">
          {bucket === undefined ? format.money(totals.cost) : format.time(bucket.at)}
        </span>
      </div>
      <div
        className="relative touch-pan-y"
        onPointerMove={choose}
        onPointerDown={choose}
        onPointerLeave={() => setChosen(null)}
      >
        <Plot buckets={buckets} chosen={chosen} />
        {isQuiet && (
          <p className="absolute inset-0 grid place-items-center text-small text-muted">
            {t.quiet}
          </p>
        )}
      </div>
      <div className="-mt-2 flex justify-between text-small text-muted">
        <span className="tabular">{first === undefined ? '' : format.time(first.at)}</span>
        <span>{t.now}</span>
      </div>
    </div>
  );
}

interface PlotProps {
  buckets: Activity['data'];
  chosen: number | null;
}

function Plot({ buckets, chosen }: PlotProps) {
  const width = Math.max(1, buckets.length) * step;
  const most = Math.max(4, ...buckets.map(({ started, images }) => Math.max(started, images)));
  const y = (value: number): number => (value / most) * (height - 4);
  const line = buckets
    .map(({ images }, index) => `${index * step + step / 2},${height - y(images) - 1}`)
    .join(' ');
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="block h-[6rem] w-full overflow-visible"
    >
      <line
        x2={width}
        y1={height}
        y2={height}
        className="stroke-line"
        vectorEffect="non-scaling-stroke"
      />
      {buckets.map((bucket, index) => {
        const refused = y(Math.min(refusalsOf(bucket), bucket.started));
        const all = y(bucket.started);
        const x = index * step + 1;
        return (
          <g
            key={bucket.at}
            className={cx(
              'transition-opacity',
              chosen !== null && chosen !== index && 'opacity-40',
            )}
          >
            <rect
              x={x}
              y={height - all + refused}
              width={step - 2}
              height={all - refused}
              className="fill-edge/70"
            />
            <rect x={x} y={height - all} width={step - 2} height={refused} className="fill-warn" />
          </g>
        );
      })}
      <polyline
        points={line}
        fill="none"
        strokeWidth={2}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
        className="stroke-ember"
      />
    </svg>
  );
}

interface LegendProps {
  mark: string;
  label: string;
  children: ReactNode;
}

function Legend({ mark, label, children }: LegendProps) {
  return (
    <span className="inline-flex items-center gap-2">
      <span className={cx('size-[0.625rem] rounded-full', mark)} />
      <span className="text-muted">{label}</span>
      <span className="tabular font-semibold">{children}</span>
    </span>
  );
}
