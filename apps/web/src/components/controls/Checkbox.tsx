import { Check } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { cx } from '../cx.ts';

export interface CheckboxProps {
  label: ReactNode;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  /** Why it cannot be changed now; shown below the label. */
  unavailable?: string | undefined;
  /** The label is there for screen readers only, as in the cell of a table. */
  isLabelHidden?: boolean;
}

/** Yes or no, for a choice that takes effect later. */
export function Checkbox(props: CheckboxProps) {
  const { label, isChecked, onChange, unavailable, isLabelHidden = false } = props;
  const id = useId();
  return (
    <span className="flex items-start gap-3">
      <span className="relative mt-[0.1875rem] inline-flex">
        <input
          id={id}
          type="checkbox"
          checked={isChecked}
          aria-disabled={unavailable !== undefined || undefined}
          aria-describedby={unavailable === undefined ? undefined : `${id}-note`}
          onChange={() => {
            if (unavailable === undefined) onChange(!isChecked);
          }}
          className="peer size-[1.125rem] appearance-none rounded-[0.25rem] border border-edge
            bg-raised transition checked:border-ember checked:bg-ember aria-disabled:opacity-50"
        />
        <Check
          aria-hidden
          strokeWidth={3}
          className="pointer-events-none absolute inset-0 m-auto size-[0.875rem] text-on-ember
            opacity-0 peer-checked:opacity-100"
        />
      </span>
      <span className={cx('flex flex-col', isLabelHidden && 'sr-only')}>
        <label htmlFor={id}>{label}</label>
        {unavailable !== undefined && (
          <span id={`${id}-note`} className="text-small text-muted">
            {unavailable}
          </span>
        )}
      </span>
    </span>
  );
}
