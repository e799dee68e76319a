import { ApiError } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type SubmitEvent } from 'react';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Field } from '../../../components/controls/Field.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { eventTypes, type EventType } from '../../../live/event-types.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { EventChoice } from '../../../webhooks/EventChoice.tsx';
import { usualEndpointEvents } from '../../../webhooks/event-sets.ts';
import { webhookTexts } from './texts.ts';

export interface EndpointFields {
  url: string;
  description: string;
  /** null: the usual ones. */
  events: readonly EventType[] | null;
}

interface EndpointFormProps<Saved> {
  initial: EndpointFields;
  saveLabel: string;
  save: (fields: EndpointFields) => Promise<Saved>;
  onSaved: (saved: Saved) => void;
  onCancel: () => void;
}

const fieldNames: readonly string[] = ['url', 'description', 'events'];

/** The fields of an endpoint. What is wrong stands at its field, as the API words it. */
export function EndpointForm<Saved>(props: EndpointFormProps<Saved>) {
  const { initial, saveLabel, save, onSaved, onCancel } = props;
  const t = useTexts(webhookTexts);
  const queryClient = useQueryClient();
  const [fields, setFields] = useState(initial);
  const [isEmpty, setIsEmpty] = useState(false);
  const change = (part: Partial<EndpointFields>): void => {
    setFields({ ...fields, ...part });
    setIsEmpty(false);
  };
  const { error, isPending, mutate } = useMutation({
    mutationFn: () =>
      save({ ...fields, url: fields.url.trim(), description: fields.description.trim() }),
    onSuccess: async (saved) => {
      onSaved(saved);
      await queryClient.invalidateQueries({ queryKey: keys.webhookEndpoints });
    },
  });
  useEffect(() => document.querySelector<HTMLInputElement>('input[name="url"]')?.focus(), []);

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (fields.events?.length === 0) setIsEmpty(true);
    else mutate();
  }

  const param = error instanceof ApiError ? (error.param?.split('.')[0] ?? '') : '';
  const at = (field: string): string | undefined =>
    error !== null && param === field ? error.message : undefined;
  return (
    <Panel>
      <form noValidate onSubmit={submit} className="flex max-w-form flex-col gap-4">
        <Field label={t.url} hint={t.urlHint} problem={at('url')}>
          <TextInput
            name="url"
            type="url"
            inputMode="url"
            autoComplete="off"
            placeholder="https://example.com/kiln"
            value={fields.url}
            onChange={({ target }) => change({ url: target.value })}
          />
        </Field>
        <Field label={t.description} problem={at('description')}>
          <TextInput
            name="description"
            value={fields.description}
            onChange={({ target }) => change({ description: target.value })}
          />
        </Field>
        <EventChoice
          label={t.receives}
          types={eventTypes}
          usual={usualEndpointEvents}
          hints={{ usual: t.usualHint, all: t.allHint }}
          value={fields.events}
          onChange={(events) => change({ events })}
          problem={isEmpty ? t.noEvents : at('events')}
        />
        {error !== null && !fieldNames.includes(param) && (
          <Notice tone="bad">{error.message}</Notice>
        )}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" isBusy={isPending}>
            {saveLabel}
          </Button>
          <Button onClick={onCancel}>{t.notNow}</Button>
        </div>
      </form>
    </Panel>
  );
}
