/**
 * A note when a long batch ends, if the visitor allowed it: the browser's while the page is out of
 * sight, the page's own otherwise. Several hidden tabs make one note, because it bears the batch's
 * id.
 */
import { answer } from '@kiln/client/client';
import { atom } from 'nanostores';
import { address, client } from '../api/client.ts';
import { readStored, store } from '../app/stored.ts';
import { frameTexts } from '../app/texts.ts';
import { currentFormat } from '../texts/format.ts';
import { showProblem, showToast } from '../undo/toasts.ts';
import { onLive } from './hub.ts';

const key = 'kiln-batch-notes';
const longSeconds = 60;
const ends = ['batch.completed', 'batch.failed', 'batch.expired', 'batch.cancelled'];

/** `blocked`: the browser does not allow notes here, or has none. */
export type BatchNotes = 'on' | 'off' | 'blocked';

export const batchNotes = atom<BatchNotes>(readState());

function readState(): BatchNotes {
  if (!('Notification' in globalThis) || Notification.permission === 'denied') return 'blocked';
  return Notification.permission === 'granted' && readStored(key) === 'on' ? 'on' : 'off';
}

/** The browser asks the visitor when it is switched on for the first time. */
export async function switchBatchNotes(isOn: boolean): Promise<void> {
  store(key, isOn ? 'on' : null);
  if (isOn) await Notification.requestPermission();
  batchNotes.set(readState());
}

/**
 * @param open leads to a batch
 * @returns ends it
 */
export function noteEndedBatches(open: (batchId: string) => void): () => void {
  return onLive({
    onEvent: ({ type, data }) => {
      if (batchNotes.get() !== 'on' || !ends.includes(type)) return;
      note(data.id, open).catch((error: unknown) =>
        showProblem(error instanceof Error ? error.message : String(error)),
      );
    },
  });
}

async function note(id: string, open: (batchId: string) => void): Promise<void> {
  const t = frameTexts.get();
  const format = currentFormat();
  const batch = await answer(client.GET('/v1/batches/{id}', { params: { path: { id } } }));
  const { created_at: createdAt, in_progress_at: startedAt, request_counts: counts } = batch;
  if (Date.now() / 1_000 - (startedAt ?? createdAt) < longSeconds) return;
  const { name } = batch;
  const text = t.batchEnded({
    done: format.number(counts.completed),
    total: format.number(counts.total),
    money: format.money(batch.cost.actual),
  });
  if (!document.hidden) {
    showToast(name === null ? text : `${name}: ${text}`, {
      action: { label: t.show, run: () => open(id) },
    });
    return;
  }
  const shown = new Notification(name ?? t.batchEndedTitle, {
    body: text,
    tag: id,
    icon: address('favicon.svg'),
  });
  shown.addEventListener('click', () => {
    window.focus();
    open(id);
    shown.close();
  });
}
