import { cx } from '../cx.ts';

export interface ProgressProps {
  /** 0 to 1; null: under way, and nothing is known. */
  share: number | null;
  /** A second part behind the first, such as what has failed, 0 to 1. */
  failedShare?: number;
  label: string;
  /** What screen readers say in place of the percentage: `12 of 40`. */
  valueText?: string;
}

/** How far something is. */
export function Progress(props: ProgressProps) {
  const { share, failedShare = 0, label, valueText } = props;
  const percent = (value: number): string => `${Math.min(1, Math.max(0, value)) * 100}%`;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
      aria-valuetext={valueText}
      className="flex h-[0.375rem] overflow-hidden rounded-full bg-line"
    >
      <span
        className={cx(
          'rounded-full bg-ember transition-[width] duration-500',
          share === null && 'w-1/3 animate-slide',
        )}
        style={share === null ? undefined : { width: percent(share) }}
      />
      {failedShare > 0 && <span className="bg-bad" style={{ width: percent(failedShare) }} />}
    </div>
  );
}
