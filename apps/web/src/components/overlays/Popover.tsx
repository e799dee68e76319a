import { Popover as Base } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';

export interface PopoverProps {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  side?: 'top' | 'bottom';
  /** Whether it is open, where something inside closes it; left out, it decides itself. */
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  children: ReactNode;
}

/** More about something, at its place; focus goes into it, and Escape closes it. */
export function Popover(props: PopoverProps) {
  const { trigger, side = 'bottom', isOpen, onOpenChange, children } = props;
  return (
    <Base.Root
      {...(isOpen === undefined ? {} : { open: isOpen })}
      onOpenChange={(open) => onOpenChange?.(open)}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align="start" sideOffset={8} className="z-40">
          <Base.Popup
            className="flex max-w-[min(24rem,calc(100vw-1.5rem))] animate-pop flex-col gap-3
              rounded-medium border border-line bg-raised p-4 shadow-float outline-none"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
