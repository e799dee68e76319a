import type { ComponentProps, ReactNode } from 'react';
import { cx } from '../cx.ts';

/** A table that scrolls sideways in its own box where the screen is narrow. */
export function Table({ caption, children }: { caption: string; children: ReactNode }) {
  return (
    <div className="-mx-4 overflow-x-auto px-4 tablet:mx-0 tablet:px-0">
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

/** The heading of a column. Numbers stand at the end of their cells. */
export function HeadCell({
  isNumber = false,
  className,
  ...rest
}: ComponentProps<'th'> & { isNumber?: boolean }) {
  return (
    <th
      scope="col"
      {...rest}
      className={cx(
        'border-b border-line px-3 py-2 text-small font-semibold text-muted first:pl-0 last:pr-0',
        isNumber && 'text-right',
        className,
      )}
    />
  );
}

export function Cell({
  isNumber = false,
  className,
  ...rest
}: ComponentProps<'td'> & { isNumber?: boolean }) {
  return (
    <td
      {...rest}
      className={cx(
        'border-b border-line px-3 py-3 align-middle first:pl-0 last:pr-0',
        isNumber && 'tabular text-right',
        className,
      )}
    />
  );
}
