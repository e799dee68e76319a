import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  /** What would be here, and how it comes. */
  children: ReactNode;
  /** The one thing to do. */
  action?: ReactNode;
}

/** A place with nothing in it yet: it teaches, with one action. */
export function EmptyState({ icon: Icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="mx-auto flex max-w-text flex-col items-center gap-4 px-4 py-8 text-center">
      <span className="grid size-[4rem] place-items-center rounded-full bg-ember-soft text-ember">
        <Icon aria-hidden className="size-[1.625rem]" strokeWidth={1.6} />
      </span>
      <h2 className="text-title font-semibold">{title}</h2>
      <p className="text-balance text-muted">{children}</p>
      {action !== undefined && <div className="pt-2">{action}</div>}
    </div>
  );
}
