import type { LucideIcon } from 'lucide-react';
import { LoaderCircle } from 'lucide-react';
import { useId, type ComponentProps, type MouseEvent, type ReactNode } from 'react';
import { cx } from '../cx.ts';
import { Tooltip } from '../overlays/Tooltip.tsx';

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  /** One `primary` at most on a page; `danger` for what destroys. */
  variant?: 'primary' | 'secondary' | 'plain' | 'danger';
  size?: 'medium' | 'small';
  icon?: LucideIcon;
  /** Why it cannot be pressed now. It stays reachable, and says so. */
  unavailable?: string | undefined;
  /** What it started is under way. */
  isBusy?: boolean;
  children: ReactNode;
}

const variants = {
  primary: 'bg-ember text-on-ember hover:bg-ember-deep active:translate-y-px',
  secondary: 'border border-line bg-surface hover:border-edge active:translate-y-px',
  plain: 'text-muted hover:bg-sunken hover:text-ink',
  danger: 'border border-line bg-surface text-bad hover:border-bad hover:bg-bad-soft',
};

const sizes = {
  medium: 'h-(--control) gap-2 rounded-medium px-4',
  small: 'h-(--control-small) gap-2 rounded-small px-3 text-small',
};

/**
 * A button. Where it cannot be pressed it is not disabled, which would hide it from the keyboard
 * and from screen readers: it keeps its focus, does nothing, and explains itself (`unavailable`).
 */
export function Button({
  variant = 'secondary',
  size = 'medium',
  icon: Icon,
  unavailable,
  isBusy = false,
  onClick,
  className,
  children,
  type = 'button',
  ...rest
}: ButtonProps) {
  const reasonId = useId();
  const isOff = unavailable !== undefined || isBusy;
  const button = (
    <button
      {...rest}
      type={type}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      aria-describedby={unavailable === undefined ? rest['aria-describedby'] : reasonId}
      onClick={(event: MouseEvent<HTMLButtonElement>) => {
        if (isOff) event.preventDefault();
        else onClick?.(event);
      }}
      className={cx(
        'inline-flex shrink-0 items-center justify-center font-semibold whitespace-nowrap transition',
        variants[variant],
        sizes[size],
        unavailable !== undefined && 'opacity-50',
        className,
      )}
    >
      {isBusy ? (
        <LoaderCircle aria-hidden className="size-[1.125rem] animate-spin" />
      ) : (
        Icon !== undefined && <Icon aria-hidden className="size-[1.125rem]" />
      )}
      {children}
    </button>
  );
  if (unavailable === undefined) return button;
  return (
    <>
      <Tooltip text={unavailable}>{button}</Tooltip>
      <span id={reasonId} className="sr-only">
        {unavailable}
      </span>
    </>
  );
}
