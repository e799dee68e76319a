import { cx } from '../cx.ts';

/** Keeps a place while its content comes; give it the size of the content. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden className={cx('block animate-breathe rounded-small bg-line/70', className)} />
  );
}
