import { Link, type LinkProps } from '@tanstack/react-router';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** A link that looks like the primary button of its page. */
export function ButtonLink({
  to,
  icon: Icon,
  children,
}: {
  to: LinkProps['to'];
  icon: LucideIcon;
  children: ReactNode;
}) {
  return (
    <Link
      to={to}
      className="inline-flex h-(--control) shrink-0 items-center justify-center gap-2
        rounded-medium bg-ember px-4 font-semibold whitespace-nowrap text-on-ember transition
        hover:bg-ember-deep active:translate-y-px"
    >
      <Icon aria-hidden className="size-[1.125rem]" />
      {children}
    </Link>
  );
}
