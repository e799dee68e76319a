/** Pausing, resuming, cancelling and retrying a batch. A refusal becomes a note. */
import { answer } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater } from '../../../undo/do-later.ts';
import { showProblem } from '../../../undo/toasts.ts';
import type { Batch } from '../api.ts';
import { batchTexts } from './texts.ts';

/** Names the cancellation of a batch while it can still be undone. */
export function cancelKey(id: string): string {
  return `cancel-${id}`;
}

type Action = 'pause' | 'resume' | 'cancel' | 'retry';

async function send(id: string, action: Action): Promise<Batch> {
  const options = { params: { path: { id } }, keepalive: true };
  switch (action) {
    case 'pause':
      return answer(client.POST('/v1/batches/{id}/pause', options));
    case 'resume':
      return answer(client.POST('/v1/batches/{id}/resume', options));
    case 'cancel':
      return answer(client.POST('/v1/batches/{id}/cancel', options));
    case 'retry':
      return answer(client.POST('/v1/batches/{id}/retry', options));
  }
}

export function useBatchActions({ id }: Batch, name: string) {
  const t = useTexts(batchTexts);
  const queries = useQueryClient();
  const { mutate, mutateAsync, isPending } = useMutation({
    mutationFn: (action: Action) => send(id, action),
    onSuccess: (batch) => {
      queries.setQueryData([...keys.batch(id), 'batch'], batch);
      void queries.invalidateQueries({ queryKey: keys.batch(id) });
      void queries.invalidateQueries({ queryKey: keys.batches });
    },
  });
  const run = (action: Action): void =>
    mutate(action, { onError: ({ message }) => showProblem(message) });
  return {
    pause: () => run('pause'),
    resume: () => run('resume'),
    retry: () => mutateAsync('retry'),
    cancel: () =>
      doLater({
        key: cancelKey(id),
        text: t.cancelled({ name }),
        act: () => mutateAsync('cancel'),
      }),
    isBusy: isPending,
  };
}
