/** The models that can be chosen, and the one that is. */
import { answer } from '@kiln/client/client';
import { useStore } from '@nanostores/react';
import { useQuery } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { draft } from './draft.ts';
import type { ImageModel } from './types.ts';

export interface Models {
  all: readonly ImageModel[];
  /** The id of the chosen model, or of the API's default; null until it is known. */
  chosenId: string | null;
  /** Its facts; null when the table does not know it, or until it is known. */
  chosen: ImageModel | null;
}

export function useModels(): Models {
  const { model } = useStore(draft);
  const { data } = useQuery({
    queryKey: keys.models,
    queryFn: () => answer(client.GET('/v1/models')),
  });
  const { data: standard = null } = useQuery({
    queryKey: [...keys.models, 'default'],
    queryFn: async () => {
      const body = { prompt: '-' };
      return (await answer(client.POST('/v1/jobs/validate', { body }))).model;
    },
  });
  const all = data?.data ?? [];
  const chosenId = model ?? standard;
  const chosen =
    all.find(({ id, aliases }) => id === chosenId || aliases.includes(chosenId ?? '')) ?? null;
  return { all, chosenId, chosen };
}
