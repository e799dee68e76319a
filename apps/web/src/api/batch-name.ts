import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { useQuery } from '@tanstack/react-query';
import { client } from './client.ts';

type Batch = Pick<components['schemas']['Batch'], 'id' | 'name' | 'input_file_id'>;

/** What the batch is called: its own name, else that of its file, else its id. */
export function useBatchName(batch: Batch): string {
  const own = batch.name;
  const fileId = batch.input_file_id;
  const { data: file } = useQuery({
    queryKey: ['files', fileId],
    queryFn: () => answer(client.GET('/v1/files/{id}', { params: { path: { id: fileId } } })),
    enabled: own === null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return own ?? file?.filename ?? batch.id;
}
