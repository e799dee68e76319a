import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../cx.ts';

const looks = {
  neutral: { icon: Info, classes: 'bg-sunken' },
  good: { icon: CircleCheck, classes: 'bg-good-soft [&>svg]:text-good' },
  warn: { icon: TriangleAlert, classes: 'bg-warn-soft [&>svg]:text-warn' },
  bad: { icon: CircleAlert, classes: 'bg-bad-soft [&>svg]:text-bad' },
};

export interface NoticeProps {
  tone?: keyof typeof looks;
  title?: string;
  /** A button or two. */
  actions?: ReactNode;
  children?: ReactNode;
}

/** Something to know, in the flow of the page: what happened, whether it cost, what helps. */
export function Notice({ tone = 'neutral', title, actions, children }: NoticeProps) {
  const { icon: Icon, classes } = looks[tone];
  return (
    <div className={cx('flex items-start gap-3 rounded-medium p-4', classes)}>
      <Icon aria-hidden className="mt-[0.15rem] size-[1.125rem] shrink-0 text-muted" />
      <div className="flex min-w-0 grow flex-col gap-1">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children}
        {actions !== undefined && <div className="flex flex-wrap gap-2 pt-2">{actions}</div>}
      </div>
    </div>
  );
}
