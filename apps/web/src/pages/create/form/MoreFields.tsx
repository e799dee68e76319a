import { useStore } from '@nanostores/react';
import { Field } from '../../../components/controls/Field.tsx';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { TextArea, TextInput } from '../../../components/controls/TextInput.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { EventChoice } from '../../../webhooks/EventChoice.tsx';
import { jobEventTypes, usualJobEvents } from '../../../webhooks/event-sets.ts';
import { change, draft } from '../draft/draft.ts';
import type { Reasons } from '../draft/rules.ts';
import { MarkupField } from '../pictures/MarkupField.tsx';
import { MetadataField } from './MetadataField.tsx';
import type { Problems } from './problems.ts';
import { formTexts } from './texts.ts';

export interface MoreFieldsProps {
  reasons: Reasons;
  problems: Problems;
  /** What is wrong with the provider options before they can be sent. */
  optionsProblem: string | undefined;
}

/** The fields under "More settings", which are loaded when a visitor opens them. */
export function MoreFields({ reasons, problems, optionsProblem }: MoreFieldsProps) {
  const t = useTexts(formTexts);
  const entered = useStore(draft);
  return (
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
  );
}
