import { useStore } from '@nanostores/react';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Field } from '../../../components/controls/Field.tsx';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { TextArea, TextInput } from '../../../components/controls/TextInput.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { EventChoice } from '../../../webhooks/EventChoice.tsx';
import { jobEventTypes, usualJobEvents } from '../../../webhooks/event-sets.ts';
import { change, draft, emptyDraft } from '../draft/draft.ts';
import { reasonsAgainst, type Situation } from '../draft/rules.ts';
import { MarkupField } from '../pictures/MarkupField.tsx';
import { markup } from '../pictures/pictures.ts';
import { MetadataField } from './MetadataField.tsx';
import type { Problems } from './problems.ts';
import { formTexts } from './texts.ts';

interface AdvancedFieldsProps {
  situation: Situation;
  problems: Problems;
  /** What is wrong with the provider options before they can be sent. */
  optionsProblem: string | undefined;
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
  return (
    <details
      open={isOpen || isWrong}
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
      <div className="flex flex-col gap-4 pt-3">
        <Field label={t.moderation} problem={problems.of('moderation')}>
          <Segmented
            value={entered.moderation}
            segments={[
              { value: 'auto', label: t.moderationAuto },
              { value: 'low', label: t.moderationLow },
            ]}
            onChange={(moderation) => change({ moderation })}
          />
        </Field>
        <Field label={t.priority} problem={problems.of('priority')}>
          <Segmented
            value={entered.priority}
            segments={[
              { value: 'interactive', label: t.interactive },
              { value: 'bulk', label: t.bulk },
            ]}
            onChange={(priority) => change({ priority })}
          />
        </Field>
        <Field
          label={t.safetyIdentifier}
          hint={t.safetyHint}
          problem={problems.of('safety_identifier')}
        >
          <TextInput
            value={entered.safetyIdentifier}
            autoComplete="off"
            onChange={({ target }) => change({ safetyIdentifier: target.value })}
          />
        </Field>
        <Field label={t.user} hint={t.userHint} problem={problems.of('user')}>
          <TextInput
            value={entered.user}
            autoComplete="off"
            onChange={({ target }) => change({ user: target.value })}
          />
        </Field>
        <MarkupField unavailable={reasons.markup} problem={problems.of('markup')} />
        <Field label={t.webhook} hint={t.webhookHint} problem={problems.of('webhook_url')}>
          <TextInput
            type="url"
            inputMode="url"
            value={entered.webhookUrl}
            placeholder="https://"
            autoComplete="off"
            onChange={({ target }) => change({ webhookUrl: target.value.trim() })}
          />
        </Field>
        <EventChoice
          label={t.webhookEvents}
          types={jobEventTypes}
          usual={usualJobEvents}
          hints={{ usual: t.webhookEventsUsual, all: t.webhookEventsAll }}
          value={entered.webhookEvents}
          onChange={(webhookEvents) => change({ webhookEvents })}
          problem={problems.of('webhook_events')}
          unavailable={reasons.webhookEvents}
        />
        <MetadataField problem={problems.of('metadata')} />
        <Field
          label={t.providerOptions}
          hint={t.providerOptionsHint}
          problem={optionsProblem ?? problems.of('provider_options')}
        >
          <TextArea
            rows={3}
            spellCheck={false}
            value={entered.providerOptions}
            placeholder="{ }"
            onChange={({ target }) => change({ providerOptions: target.value })}
            className="font-mono text-small"
          />
        </Field>
      </div>
    </details>
  );
}
