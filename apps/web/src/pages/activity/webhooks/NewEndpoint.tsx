import { answer } from '@kiln/client/client';
import { client } from '../../../api/client.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { EndpointWithSecret } from '../types.ts';
import { EndpointForm } from './EndpointForm.tsx';
import { webhookTexts } from './texts.ts';

interface NewEndpointProps {
  onMade: (endpoint: EndpointWithSecret) => void;
  onCancel: () => void;
}

/** The form for an endpoint that is not there yet. */
export function NewEndpoint({ onMade, onCancel }: NewEndpointProps) {
  const t = useTexts(webhookTexts);
  return (
    <EndpointForm
      initial={{ url: '', description: '', events: null }}
      saveLabel={t.create}
      save={({ url, description, events }) =>
        answer(
          client.POST('/v1/webhook_endpoints', {
            body: {
              url,
              ...(events === null ? {} : { events: [...events] }),
              ...(description === '' ? {} : { description }),
            },
          }),
        )
      }
      onSaved={onMade}
      onCancel={onCancel}
    />
  );
}
