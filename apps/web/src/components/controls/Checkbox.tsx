import { Check } from 'lucide-react';
import { useId, type ReactNode } from 'react';

export interface CheckboxProps {
  label: ReactNode;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
}

/** Yes or no, for a choice that takes effect later. */
export function Checkbox({ label, isChecked, onChange }: CheckboxProps) {
  const id = useId();
  return (
    <span className="flex items-start gap-3">
      <span className="relative mt-[0.1875rem] inline-flex">
        <input
          id={id}
          type="checkbox"
          checked={isChecked}
          onChange={() => onChange(!isChecked)}
          className="peer size-[1.125rem] appearance-none rounded-[0.25rem] border border-edge
            bg-raised transition checked:border-ember checked:bg-ember"
        />
        <Check
          aria-hidden
          strokeWidth={3}
          className="pointer-events-none absolute inset-0 m-auto size-[0.875rem] text-on-ember
            opacity-0 peer-checked:opacity-100"
        />
      </span>
      <label htmlFor={id}>{label}</label>
    </span>
  );
}
