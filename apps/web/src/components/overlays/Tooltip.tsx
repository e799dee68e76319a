import { Tooltip as Base } from '@base-ui/react/tooltip';
import { useState, type ReactElement } from 'react';
import { KeyCaps } from '../display/KeyCaps.tsx';

export interface TooltipProps {
  text: string;
  keys?: string | undefined;
  /** One element that can have focus. Its own label must say all that it needs. */
  children: ReactElement<Record<string, unknown>>;
}

/**
 * A few words at a control, by pointer, keyboard and touch (a tap shows it). Screen readers are not
 * sent here: the control itself is labelled and described.
 */
export function Tooltip({ text, keys, children }: TooltipProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Base.Root open={isOpen} onOpenChange={setIsOpen}>
      <Base.Trigger
        render={children}
        onClick={({ currentTarget }) => {
          if (currentTarget.getAttribute('aria-disabled') === 'true') setIsOpen(true);
        }}
      />
      <Base.Portal>
        <Base.Positioner side="top" sideOffset={8} className="z-50">
          <Base.Popup
            className="flex max-w-[18rem] animate-pop items-center gap-3 rounded-small bg-ink px-3
              py-2 text-small text-ground shadow-float"
          >
            {text}
            {keys !== undefined && <KeyCaps keys={keys} isInverted />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
