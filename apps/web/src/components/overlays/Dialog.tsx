import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { frameTexts } from '../../app/texts.ts';
import { useTexts } from '../../texts/i18n.ts';
import { cx } from '../cx.ts';

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  /** Buttons at the end; the one that acts comes last. */
  actions?: ReactNode;
  size?: 'small' | 'medium' | 'large';
  children?: ReactNode;
}

const sizes = {
  small: 'tablet:max-w-[26rem]',
  medium: 'tablet:max-w-[40rem]',
  large: 'tablet:max-w-[64rem]',
};

/**
 * A dialog: only where money is spent, or where a task needs all of the screen. On a phone it comes
 * from below. Focus stays inside, and returns to where it was.
 */
export function Dialog(props: DialogProps) {
  const { isOpen, onClose, title, description, actions, size = 'small', children } = props;
  const t = useTexts(frameTexts);
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 animate-fade bg-scrim" />
        <Base.Popup
          className={cx(
            'fixed inset-x-0 bottom-0 z-30 flex max-h-[92dvh] flex-col animate-rise',
            'rounded-t-large border border-line bg-surface shadow-float outline-none',
            'tablet:inset-0 tablet:m-auto tablet:h-fit tablet:w-[calc(100%-3rem)] tablet:rounded-large',
            sizes[size],
          )}
        >
          <header className="flex items-start justify-between gap-4 p-5 pb-3">
            <div className="flex flex-col gap-1">
              <Base.Title className="text-lead font-semibold">{title}</Base.Title>
              {description !== undefined && (
                <Base.Description className="text-muted">{description}</Base.Description>
              )}
            </div>
            <Base.Close
              aria-label={t.close}
              className="-mt-1 -mr-2 rounded-small p-2 text-muted hover:bg-sunken hover:text-ink"
            >
              <X aria-hidden className="size-[1.125rem]" />
            </Base.Close>
          </header>
          {children !== undefined && <div className="overflow-y-auto px-5 pb-5">{children}</div>}
          {actions !== undefined && (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line p-4">
              {actions}
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
