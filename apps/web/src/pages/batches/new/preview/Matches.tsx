import { Notice } from '../../../../components/display/Notice.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import type { BatchValidation } from '../../api.ts';
import { previewTexts } from './texts.ts';

const listed = 8;

/** Which pictures rows name, and which names have no partner. */
export function Matches({ pictures }: { pictures: BatchValidation['pictures'] }) {
  const t = useTexts(previewTexts);
  const { number } = useFormat();
  const { received, matched, unmatched, missing } = pictures;
  if (received === 0 && missing.length === 0) return null;
  const isWhole = unmatched.length === 0 && missing.length === 0;
  return (
    <Notice
      tone={isWhole ? 'good' : 'warn'}
      title={t.matched({ matched: number(matched), received: number(received) })}
    >
      <Names title={t.unmatched(received - matched)} names={unmatched} />
      <Names title={t.missing(missing.length)} names={missing} />
    </Notice>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  const t = useTexts(previewTexts);
  const { list } = useFormat();
  if (names.length === 0) return null;
  const more = names.length - listed;
  return (
    <p className="break-words">
      {title}{' '}
      <span className="text-muted">
        {list(names.slice(0, listed))}
        {more > 0 && ` ${t.moreNames(more)}`}
      </span>
    </p>
  );
}
