/**
 * Destructive acts are done 8 s late, so that *Undo* needs no help from the API. Until then the
 * thing is marked as leaving (`useIsLeaving`). An act that still waits when the page is left is
 * done at once: the visitor asked for it.
 */
import { useStore } from '@nanostores/react';
import { atom } from 'nanostores';
import { frameTexts } from '../app/texts.ts';
import { closeToast, showProblem, showToast } from './toasts.ts';

const delayMs = 8_000;

export interface LateAct {
  /** Names what the act is about, such as `job_…`; the same key is not done twice. */
  key: string;
  /** What the toast says: *Cancelled 3 jobs*. */
  text: string;
  /**
   * Does it. Send requests with `keepalive: true`, so that they survive the end of the page. An
   * error becomes a toast.
   */
  act: () => Promise<unknown>;
}

interface Waiting {
  run(): void;
}

const waiting = new Map<string, Waiting>();
const leaving = atom<ReadonlySet<string>>(new Set());

export function doLater({ key, text, act }: LateAct): void {
  if (waiting.has(key)) return;
  const timer = setTimeout(run, delayMs);
  const toastId = showToast(text, {
    durationMs: delayMs,
    action: { label: frameTexts.get().undo, run: undo },
  });
  waiting.set(key, { run });
  leaving.set(new Set(waiting.keys()));

  function undo(): void {
    finish();
    closeToast(toastId);
  }
  function run(): void {
    if (!waiting.has(key)) return;
    closeToast(toastId);
    act()
      .catch((error: unknown) => showProblem(error instanceof Error ? error.message : text))
      .finally(finish);
    clearTimeout(timer);
    waiting.delete(key);
  }
  function finish(): void {
    clearTimeout(timer);
    waiting.delete(key);
    leaving.set(new Set([...leaving.get()].filter((each) => each !== key)));
  }
}

/** Whether an act on it waits or is under way: show it as gone, or as going. */
export function useIsLeaving(key: string): boolean {
  return useStore(leaving).has(key);
}

addEventListener('pagehide', () => {
  for (const { run } of waiting.values()) run();
});
