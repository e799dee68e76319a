import { useStore } from '@nanostores/react';
import { CircleAlert, X } from 'lucide-react';
import { frameTexts } from '../app/texts.ts';
import { useTexts } from '../texts/i18n.ts';
import { closeToast, toasts, type Toast } from './toasts.ts';

/** Shows the toasts. The announcer reads them to screen readers, once each. */
export function Toasts() {
  const t = useTexts(frameTexts);
  const shown = useStore(toasts);
  return (
    <section
      aria-label={t.notes}
      className="pointer-events-none fixed inset-x-3 bottom-[calc(var(--tab-bar)+0.75rem)] z-50
        flex flex-col items-center gap-2 desktop:inset-x-auto desktop:right-5 desktop:bottom-5
        desktop:items-end"
    >
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} closeLabel={t.close} />
      ))}
    </section>
  );
}

function ToastCard({ toast, closeLabel }: { toast: Toast; closeLabel: string }) {
  const { id, kind, text, action } = toast;
  return (
    <div
      className="pointer-events-auto flex min-h-(--control) w-full max-w-[26rem] animate-rise
        items-center gap-3 rounded-medium bg-ink py-2 pr-2 pl-4 text-ground shadow-float"
    >
      {kind === 'problem' && <CircleAlert aria-hidden className="size-[1.125rem] shrink-0" />}
      <p className="grow py-1">{text}</p>
      {action !== null && (
        <button
          type="button"
          onClick={action.run}
          className="rounded-small px-3 py-1 font-semibold text-(--toast-action) hover:underline"
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        aria-label={closeLabel}
        onClick={() => closeToast(id)}
        className="rounded-small p-2 opacity-70 hover:opacity-100"
      >
        <X aria-hidden className="size-[1rem]" />
      </button>
    </div>
  );
}
