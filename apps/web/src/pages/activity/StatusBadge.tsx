import { Badge } from '../../components/display/Badge.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { statusLooks } from '../../words/status-looks.ts';
import { statusTexts } from '../../words/texts.ts';
import type { Status } from './search.ts';

/** The state of a job, in a word of people. */
export function StatusBadge({ status }: { status: Status }) {
  const t = useTexts(statusTexts);
  return <Badge {...statusLooks[status]}>{t[status]}</Badge>;
}
