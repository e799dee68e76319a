/** Asks for a job to be the next one to start. It costs nothing, so there is no dialog. */
import { answer } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../texts/i18n.ts';
import { showProblem, showToast } from '../undo/toasts.ts';
import { runNextTexts } from '../words/texts.ts';
import { client } from './client.ts';
import { keys } from './keys.ts';

const mostShown = 60;

/** A refusal becomes a note: the job may have started meanwhile. */
export function useRunNext({ id, prompt }: { id: string; prompt: string }) {
  const t = useTexts(runNextTexts);
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () =>
      answer(
        client.PATCH('/v1/jobs/{id}', { params: { path: { id } }, body: { position: 'next' } }),
      ),
    onSuccess: (job) => {
      showToast(t.runsNext({ what: prompt.slice(0, mostShown) }));
      queries.setQueryData(keys.job(id), job);
      return queries.invalidateQueries({ queryKey: keys.queue });
    },
    onError: ({ message }) => showProblem(message),
  });
  return { runNext: () => mutate(), isBusy: isPending };
}
