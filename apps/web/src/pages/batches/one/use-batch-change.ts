/** Changes of a batch itself: its name, its deadline, its turn. A refusal stands at its field. */
import { answer } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';

/** Null removes it. */
interface Change {
  name?: string | null;
  deadline?: number | null;
  position?: 'next';
}

/** @param onDone called when the change is made */
export function useBatchChange(id: string, onDone: () => void) {
  const queries = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Change) =>
      answer(client.PATCH('/v1/batches/{id}', { params: { path: { id } }, body })),
    onSuccess: (batch) => {
      queries.setQueryData([...keys.batch(id), 'batch'], batch);
      void queries.invalidateQueries({ queryKey: keys.batches });
      onDone();
    },
  });
  return { change: mutate, isBusy: isPending, problem: error?.message };
}
