import { useStore } from '@nanostores/react';
import { ChevronRight } from 'lucide-react';
import { Field } from '../../../components/controls/Field.tsx';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { TextArea, TextInput } from '../../../components/controls/TextInput.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { change, draft, emptyDraft } from '../draft/draft.ts';
import { MetadataField } from './MetadataField.tsx';
import type { Problems } from './problems.ts';
import { formTexts } from './texts.ts';

interface AdvancedFieldsProps {
  problems: Problems;
  /** What is wrong with the provider options before they can be sent. */
  optionsProblem: string | undefined;
}

const names = [
  'moderation',
  'priority',
  'safetyIdentifier',
  'webhookUrl',
  'metadata',
  'providerOptions',
] as const;

/** What most pictures do not need. It opens by itself where something in it is wrong. */
export function AdvancedFields({ problems, optionsProblem }: AdvancedFieldsProps) {
  const t = useTexts(formTexts);
  const entered = useStore(draft);
  const set = names.filter(
    (name) => JSON.stringify(entered[name]) !== JSON.stringify(emptyDraft[name]),
  ).length;
  const isWrong =
    optionsProblem !== undefined ||
    problems.of(
      'moderation',
      'priority',
      'safety_identifier',
      'webhook_url',
      'metadata',
      'provider_options',
    ) !== undefined;
  return (
    <details open={isWrong || undefined} className="group border-t border-line pt-3">
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
