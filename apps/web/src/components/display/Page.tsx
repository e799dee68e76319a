import { useEffect, type ReactNode } from 'react';
import { cx } from '../cx.ts';

export interface PageProps {
  /** The heading, and the title of the tab. */
  title: string;
  /** A sentence below the heading. */
  lead?: ReactNode;
  /** At the end of the heading's line. */
  actions?: ReactNode;
  children: ReactNode;
}

/** One page: its heading takes the focus when the visitor comes here (app/focus.ts). */
export function Page({ title, lead, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Kiln`;
  }, [title]);
  return (
    <div
      className="mx-auto flex w-full max-w-page flex-col gap-6 px-4 pt-5 pb-8 tablet:px-6
        desktop:px-7 desktop:pt-7"
    >
      <header className="flex flex-wrap items-end justify-between gap-x-5 gap-y-3">
        <div className="flex flex-col gap-1">
          <h1 tabIndex={-1} data-page-heading className="text-title font-semibold">
            {title}
          </h1>
          {lead !== undefined && <p className="max-w-text text-muted">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A surface that holds what belongs together. */
export function Panel({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <section className={cx('rounded-large border border-line bg-surface p-5', className)}>
      {children}
    </section>
  );
}
