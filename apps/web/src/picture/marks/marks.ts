/**
 * Rating, star and trash of a picture. What is shown changes at once; a refusal takes it back and
 * becomes a note.
 */
import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { queryClient } from '../../api/query-client.ts';
import { client } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { showProblem, showToast } from '../../undo/toasts.ts';
import { frameTexts } from '../../app/texts.ts';
import { readId } from '../picture-id.ts';
import { marksTexts } from './texts.ts';

/** Everything about a picture, as `GET /v1/images/{id}/{index}` says it. */
export type ImageDetails = components['schemas']['ImageDetails'];

export interface Marks {
  rating?: number | null;
  starred?: boolean;
}

export function imageKey(id: string) {
  return [...keys.images, 'one', id] as const;
}

function pathOf(id: string) {
  const { jobId, index } = readId(id);
  return { params: { path: { id: jobId, index } } };
}

export async function readImage(id: string): Promise<ImageDetails> {
  return answer(client.GET('/v1/images/{id}/{index}', pathOf(id)));
}

/**
 * Asks the API; the caller changes what is shown. Walls that are out of sight are read again when
 * they come back.
 */
export async function sendMarks(id: string, marks: Marks): Promise<void> {
  await answer(client.PATCH('/v1/images/{id}/{index}', { ...pathOf(id), body: marks }));
  await queryClient.invalidateQueries({ queryKey: keys.images, refetchType: 'none' });
}

/** Rates a picture or gives it a star; screen readers hear it by the control that changes. */
export async function mark(id: string, marks: Marks): Promise<void> {
  const before = queryClient.getQueryData<ImageDetails>(imageKey(id));
  if (before !== undefined) queryClient.setQueryData(imageKey(id), { ...before, ...marks });
  try {
    await sendMarks(id, marks);
  } catch (error) {
    queryClient.setQueryData(imageKey(id), before);
    showProblem(error instanceof Error ? error.message : marksTexts.get().notMarked);
  }
  await queryClient.invalidateQueries({ queryKey: keys.images });
}

/** Puts a picture into the trash; the toast takes it out again. */
export async function moveToTrash(id: string): Promise<void> {
  const t = marksTexts.get();
  try {
    await answer(client.DELETE('/v1/images/{id}/{index}', pathOf(id)));
    showToast(t.trashed, {
      durationMs: undoMs,
      action: { label: frameTexts.get().undo, run: () => void restore(id) },
    });
  } catch (error) {
    showProblem(error instanceof Error ? error.message : t.notMarked);
  }
  await forget(id);
}

export async function restore(id: string): Promise<void> {
  try {
    await answer(client.POST('/v1/images/{id}/{index}/restore', pathOf(id)));
    showToast(marksTexts.get().restored);
  } catch (error) {
    showProblem(error instanceof Error ? error.message : marksTexts.get().notMarked);
  }
  await forget(id);
}

const undoMs = 8_000;

async function forget(id: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: keys.images }),
    queryClient.invalidateQueries({ queryKey: keys.job(readId(id).jobId) }),
  ]);
}
