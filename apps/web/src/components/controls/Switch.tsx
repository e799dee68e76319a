import { useId } from 'react';
import { cx } from '../cx.ts';

export interface SwitchProps {
  label: string;
  hint?: string | undefined;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  /** Why it cannot be changed now. */
  unavailable?: string | undefined;
}

/** On or off, with its label beside it; the change takes effect at once. */
export function Switch({ label, hint, isOn, onChange, unavailable }: SwitchProps) {
  const id = useId();
  const note = unavailable ?? hint;
  return (
    <div className="flex items-start justify-between gap-4">
      <span className="flex flex-col">
        <label
          id={`${id}-label`}
          htmlFor={id}
          className={cx('font-semibold', unavailable !== undefined && 'text-muted')}
        >
          {label}
        </label>
        {note !== undefined && (
          <span id={`${id}-note`} className="text-small text-muted">
            {note}
          </span>
        )}
      </span>
      <button
        id={id}
        type="button"
        role="switch"
        aria-checked={isOn}
        aria-labelledby={`${id}-label`}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        aria-disabled={unavailable !== undefined || undefined}
        onClick={() => {
          if (unavailable === undefined) onChange(!isOn);
        }}
        className="group relative h-[1.5rem] w-[2.625rem] shrink-0 rounded-full bg-edge/70
          transition aria-checked:bg-ember aria-disabled:opacity-50"
      >
        <span
          aria-hidden
          className="absolute top-[0.1875rem] left-[0.1875rem] size-[1.125rem] rounded-full
            bg-[#fff] transition group-aria-checked:translate-x-[1.125rem]"
        />
      </button>
    </div>
  );
}
