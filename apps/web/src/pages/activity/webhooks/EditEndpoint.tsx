import { answer } from '@kiln/client/client';
import { client } from '../../../api/client.ts';
import { eventTypes } from '../../../live/event-types.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { isSameChoice, usualEndpointEvents } from '../../../webhooks/event-sets.ts';
import type { Endpoint } from '../types.ts';
import { EndpointForm } from './EndpointForm.tsx';
import { webhookTexts } from './texts.ts';

/** The form for an endpoint that is there. */
export function EditEndpoint({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const t = useTexts(webhookTexts);
  const { id, url: address, description: words, events: types } = endpoint;
  return (
    <EndpointForm
      initial={{
        url: address,
        description: words ?? '',
        events: isSameChoice(types, usualEndpointEvents)
          ? null
          : eventTypes.filter((type) => types.includes(type)),
      }}
      saveLabel={t.save}
      save={({ url, description, events }) =>
        answer(
          client.PATCH('/v1/webhook_endpoints/{id}', {
            params: { path: { id } },
            body: {
              url,
              events: [...(events ?? usualEndpointEvents)],
              description: description === '' ? null : description,
            },
          }),
        )
      }
      onSaved={onClose}
      onCancel={onClose}
    />
  );
}
