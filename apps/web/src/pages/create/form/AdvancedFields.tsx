import { useStore } from '@nanostores/react';
import { ChevronRight } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTexts } from '../../../texts/i18n.ts';
import { draft, emptyDraft } from '../draft/draft.ts';
import { reasonsAgainst, type Situation } from '../draft/rules.ts';
import { markup } from '../pictures/pictures.ts';
import type { MoreFieldsProps } from './MoreFields.tsx';
import { formTexts } from './texts.ts';

const MoreFields = lazy(async () => ({ default: (await import('./MoreFields.tsx')).MoreFields }));

interface AdvancedFieldsProps extends Omit<MoreFieldsProps, 'reasons'> {
  situation: Situation;
}

const names = [
  'moderation',
  'priority',
  'safetyIdentifier',
  'user',
  'webhookUrl',
  'webhookEvents',
  'metadata',
  'providerOptions',
] as const;

/**
 * What most pictures do not need. It opens by itself where something in it is wrong, and stays open
 * when that is mended: the focus is inside.
 */
export function AdvancedFields({ situation, problems, optionsProblem }: AdvancedFieldsProps) {
  const t = useTexts(formTexts);
  const entered = useStore(draft);
  const [isOpen, setIsOpen] = useState(false);
  const reasons = reasonsAgainst(situation, t);
  const hasMarkup = useStore(markup) !== null && reasons.markup === undefined;
  // What does not apply stays in the draft, and is not sent.
  const isSet = (name: (typeof names)[number]): boolean =>
    (name !== 'webhookEvents' || reasons.webhookEvents === undefined) &&
    JSON.stringify(entered[name]) !== JSON.stringify(emptyDraft[name]);
  const set = names.filter(isSet).length + (hasMarkup ? 1 : 0);
  const isWrong =
    optionsProblem !== undefined ||
    problems.of(
      'moderation',
      'priority',
      'safety_identifier',
      'user',
      'markup',
      'webhook_url',
      'webhook_events',
      'metadata',
      'provider_options',
    ) !== undefined;
  const isShown = isOpen || isWrong;
  return (
    <details
      open={isShown}
      onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
      className="group border-t border-line pt-3"
    >
      <summary
        className="flex h-(--control) cursor-pointer list-none items-center gap-2 font-semibold
          [&::-webkit-details-marker]:hidden"
      >
        <ChevronRight
          aria-hidden
          className="size-[1.125rem] text-muted transition-transform group-open:rotate-90"
        />
        {t.advanced}
        {set > 0 && <span className="text-small font-normal text-muted">{t.advancedSet(set)}</span>}
      </summary>
      {isShown && (
        <Suspense>
          <MoreFields reasons={reasons} problems={problems} optionsProblem={optionsProblem} />
        </Suspense>
      )}
    </details>
  );
}
