import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';
import { cx } from '../cx.ts';
import { useFieldControl } from './Field.tsx';

export interface Segment<Value extends string> {
  value: Value;
  label: string;
  icon?: LucideIcon;
  /** Why it cannot be chosen now; its tooltip. */
  unavailable?: string | undefined;
}

export interface SegmentedProps<Value extends string> {
  value: Value;
  segments: readonly Segment<Value>[];
  onChange: (value: Value) => void;
  /** Names it where no `Field` does. */
  label?: string;
  /** Only the icons are shown. */
  isCompact?: boolean;
  className?: string;
}

/** One of a few, all in sight. Radio buttons to the keyboard and to screen readers. */
export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  const { value, segments, onChange, label, isCompact = false, className } = props;
  const name = useId();
  const { attributes, isUnavailable, labelId } = useFieldControl();
  const reasonOfAll = isUnavailable ? attributes['aria-describedby'] : undefined;
  return (
    <div
      role="radiogroup"
      aria-label={label}
      aria-labelledby={label === undefined ? labelId : undefined}
      aria-describedby={attributes['aria-describedby']}
      aria-disabled={isUnavailable || undefined}
      className={cx('inline-flex rounded-medium bg-sunken p-[0.1875rem]', className)}
    >
      {segments.map(({ value: each, label: text, icon: Icon, unavailable }) => {
        const isOff = isUnavailable || unavailable !== undefined;
        return (
          <label
            key={each}
            title={unavailable ?? (isCompact ? text : undefined)}
            className={cx(
              'relative flex h-(--control-small) grow cursor-pointer items-center justify-center gap-2',
              'rounded-[0.5rem] px-3 text-small font-semibold text-muted transition',
              'has-checked:bg-raised has-checked:text-ink has-checked:shadow-[0_1px_2px_rgb(0_0_0/0.12)]',
              'has-focus-visible:outline-2 has-focus-visible:outline-ember',
              isOff && 'cursor-not-allowed opacity-60',
            )}
          >
            <input
              type="radio"
              name={name}
              value={each}
              checked={each === value}
              aria-disabled={isOff || undefined}
              aria-describedby={unavailable === undefined ? reasonOfAll : `${name}-${each}`}
              onChange={() => {
                if (!isOff) onChange(each);
              }}
              className="absolute inset-0 cursor-[inherit] opacity-0"
            />
            {Icon !== undefined && <Icon aria-hidden className="size-[1rem]" />}
            <span className={cx(isCompact && 'sr-only')}>{text}</span>
            {unavailable !== undefined && (
              <span id={`${name}-${each}`} hidden>
                {unavailable}
              </span>
            )}
          </label>
        );
      })}
    </div>
  );
}
