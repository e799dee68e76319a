import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { showToast } from '../../undo/toasts.ts';
import { Button } from '../controls/Button.tsx';
import { Notice } from '../display/Notice.tsx';
import { Dialog } from './Dialog.tsx';

export interface SpendDialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** What it will cost. */
  description: string;
  dismissLabel: string;
  spendLabel: string;
  /** Why nothing can be spent now, such as a cost that is not known yet. */
  unavailable?: string | undefined;
  /** Asks the API; a failure is shown, and the dialog stays. */
  spend: () => Promise<unknown>;
  /** The note when it is done. */
  done: string;
  children?: ReactNode;
}

/** Asks once more before money is spent. */
export function SpendDialog(props: SpendDialogProps) {
  const { isOpen, onClose, title, description, dismissLabel, spendLabel, spend, done } = props;
  const { unavailable, children } = props;
  const { isPending, error, mutate } = useMutation({
    mutationFn: spend,
    onSuccess: () => {
      showToast(done);
      onClose();
    },
  });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={title}
      description={description}
      actions={
        <>
          <Button onClick={onClose}>{dismissLabel}</Button>
          <Button
            variant="primary"
            isBusy={isPending}
            unavailable={unavailable}
            onClick={() => mutate()}
          >
            {spendLabel}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {children}
        {error !== null && <Notice tone="bad">{error.message}</Notice>}
      </div>
    </Dialog>
  );
}
