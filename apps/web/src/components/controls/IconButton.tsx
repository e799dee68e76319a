import type { LucideIcon } from 'lucide-react';
import { useId, type ComponentProps, type MouseEvent } from 'react';
import { cx } from '../cx.ts';
import { Tooltip } from '../overlays/Tooltip.tsx';

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'disabled' | 'children'> {
  icon: LucideIcon;
  /** What it does: its name for screen readers, and its tooltip. */
  label: string;
  /** Keys that do the same, as in `useShortcuts`. */
  keys?: string;
  /** Why it cannot be pressed now. */
  unavailable?: string | undefined;
  isPressed?: boolean;
  size?: 'medium' | 'small';
}

/** A button without words. Its tooltip names it, also by keyboard. */
export function IconButton({
  icon: Icon,
  label,
  keys,
  unavailable,
  isPressed,
  size = 'medium',
  className,
  onClick,
  ...rest
}: IconButtonProps) {
  const reasonId = useId();
  return (
    <>
      <Tooltip text={unavailable === undefined ? label : `${label}: ${unavailable}`} keys={keys}>
        <button
          type="button"
          {...rest}
          aria-label={label}
          aria-pressed={isPressed}
          aria-disabled={unavailable !== undefined || undefined}
          aria-describedby={unavailable === undefined ? rest['aria-describedby'] : reasonId}
          onClick={(event: MouseEvent<HTMLButtonElement>) => {
            if (unavailable !== undefined) event.preventDefault();
            else onClick?.(event);
          }}
          className={cx(
            'inline-flex shrink-0 items-center justify-center rounded-medium transition',
            size === 'medium' ? 'size-(--control)' : 'size-(--control-small)',
            isPressed === true
              ? 'bg-ember-soft text-ember'
              : 'text-muted hover:bg-sunken hover:text-ink',
            unavailable !== undefined && 'opacity-40',
            className,
          )}
        >
          <Icon aria-hidden className="size-[1.125rem]" />
        </button>
      </Tooltip>
      {unavailable !== undefined && (
        <span id={reasonId} className="sr-only">
          {unavailable}
        </span>
      )}
    </>
  );
}
