import { Badge } from '../../../components/display/Badge.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { statusLooks, type StatusLook } from '../../../words/status-looks.ts';
import { statusTexts } from '../../../words/texts.ts';
import type { BatchRow } from '../api.ts';
import { rowTexts } from './texts.ts';

export const rowLooks: Readonly<Record<BatchRow['status'], StatusLook>> = {
  ...statusLooks,
  waiting: statusLooks.queued,
  invalid: statusLooks.failed,
};

/** How a row is, in the words of people. */
export function RowState({ status }: { status: BatchRow['status'] }) {
  const t = useRowStateTexts();
  return <Badge {...rowLooks[status]}>{t[status]}</Badge>;
}

/** The states of jobs, and those of rows that have none. */
export function useRowStateTexts(): Readonly<Record<BatchRow['status'], string>> {
  const { waiting, invalid } = useTexts(rowTexts);
  return { ...useTexts(statusTexts), waiting, invalid };
}
