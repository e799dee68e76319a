import { answer, ApiError } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type SubmitEvent } from 'react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Field } from '../../../components/controls/Field.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import type { EndpointWithSecret } from '../types.ts';
import { webhookTexts } from './texts.ts';

interface NewEndpointProps {
  onMade: (endpoint: EndpointWithSecret) => void;
  onCancel: () => void;
}

/** The form for an endpoint. What is wrong stands at its field, as the API words it. */
export function NewEndpoint({ onMade, onCancel }: NewEndpointProps) {
  const t = useTexts(webhookTexts);
  const queryClient = useQueryClient();
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const create = useMutation({
    mutationFn: () =>
      answer(
        client.POST('/v1/webhook_endpoints', {
          body: {
            url: url.trim(),
            ...(description.trim() === '' ? {} : { description: description.trim() }),
          },
        }),
      ),
    onSuccess: async (endpoint) => {
      onMade(endpoint);
      await queryClient.invalidateQueries({ queryKey: keys.webhookEndpoints });
    },
  });
  useEffect(() => document.querySelector<HTMLInputElement>('input[name="url"]')?.focus(), []);

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    create.mutate();
  }

  const { error } = create;
  const param = error instanceof ApiError ? error.param : null;
  const at = (field: string): string | undefined =>
    error !== null && param === field ? error.message : undefined;
  const isElsewhere = error !== null && param !== 'url' && param !== 'description';
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
            value={url}
            onChange={({ target }) => setUrl(target.value)}
          />
        </Field>
        <Field label={t.description} hint={t.receives} problem={at('description')}>
          <TextInput
            name="description"
            value={description}
            onChange={({ target }) => setDescription(target.value)}
          />
        </Field>
        {isElsewhere && <Notice tone="bad">{error.message}</Notice>}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" isBusy={create.isPending}>
            {t.create}
          </Button>
          <Button onClick={onCancel}>{t.notNow}</Button>
        </div>
      </form>
    </Panel>
  );
}
