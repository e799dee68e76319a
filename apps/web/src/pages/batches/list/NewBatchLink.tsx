import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useTexts } from '../../../texts/i18n.ts';
import { listTexts } from './texts.ts';

/** Leads to the page that makes a batch; it looks like the primary button of its page. */
export function NewBatchLink() {
  const t = useTexts(listTexts);
  return (
    <Link
      to="/batches/new"
      className="inline-flex h-(--control) shrink-0 items-center justify-center gap-2
        rounded-medium bg-ember px-4 font-semibold whitespace-nowrap text-on-ember transition
        hover:bg-ember-deep active:translate-y-px"
    >
      <Plus aria-hidden className="size-[1.125rem]" />
      {t.newBatch}
    </Link>
  );
}
