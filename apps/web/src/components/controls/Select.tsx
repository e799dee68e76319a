import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../cx.ts';
import { useFieldControl } from './Field.tsx';

export interface SelectOption<Value extends string> {
  value: Value;
  label: string;
  /** A second line that explains the option. */
  hint?: ReactNode;
  /** Why it cannot be chosen now. It is shown with the option. */
  unavailable?: string | undefined;
}

export interface SelectProps<Value extends string> {
  value: Value;
  options: readonly SelectOption<Value>[];
  onChange: (value: Value) => void;
  /** Names it where no `Field` does. */
  label?: string;
  size?: 'medium' | 'small';
  className?: string;
}

/** One of several, each in a line or two. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { value, options, onChange, label, size = 'medium', className } = props;
  const { attributes, isUnavailable, labelId } = useFieldControl();
  return (
    <Base.Root
      value={value}
      items={options.map((option) => ({ value: option.value, label: option.label }))}
      readOnly={isUnavailable}
      onValueChange={(chosen) => {
        const option = options.find((each) => each.value === chosen);
        if (option !== undefined && option.unavailable === undefined) onChange(option.value);
      }}
    >
      <Base.Trigger
        {...attributes}
        aria-label={label}
        aria-labelledby={label === undefined ? labelId : undefined}
        className={cx(
          'flex w-full items-center justify-between gap-2 border border-edge/60 bg-raised text-left',
          'transition hover:border-edge data-popup-open:border-ember',
          'aria-invalid:border-bad aria-disabled:bg-sunken aria-disabled:text-muted',
          size === 'medium'
            ? 'h-(--control) rounded-medium px-3'
            : 'h-(--control-small) rounded-small px-2 text-small',
          className,
        )}
      >
        <Base.Value className="truncate" />
        <Base.Icon className="shrink-0 text-muted">
          <ChevronsUpDown aria-hidden className="size-[1rem]" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={6} alignItemWithTrigger={false} className="z-40">
          <Base.Popup
            className="max-h-(--available-height) min-w-(--anchor-width) max-w-[22rem] animate-pop
              overflow-y-auto rounded-medium border border-line bg-raised p-1 shadow-float
              outline-none"
          >
            {options.map((option) => (
              <Base.Item
                key={option.value}
                value={option.value}
                aria-disabled={option.unavailable !== undefined || undefined}
                className="grid cursor-default grid-cols-[1fr_1rem] items-center gap-x-3
                  rounded-small px-3 py-2 outline-none select-none
                  data-highlighted:bg-sunken aria-disabled:text-muted"
              >
                <Base.ItemText>{option.label}</Base.ItemText>
                <Base.ItemIndicator className="text-ember">
                  <Check aria-hidden className="size-[1rem]" />
                </Base.ItemIndicator>
                {(option.unavailable ?? option.hint) !== undefined && (
                  <span className="col-start-1 text-small text-muted">
                    {option.unavailable ?? option.hint}
                  </span>
                )}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
