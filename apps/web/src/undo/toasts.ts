/** Short notes at the edge of the page. Each is also announced to screen readers. */
import { atom } from 'nanostores';
import { announce } from '../app/announcer.tsx';

export interface Toast {
  id: string;
  kind: 'note' | 'problem';
  text: string;
  action: { label: string; run: () => void } | null;
  /** When it goes away by itself, on the clock of `Date.now()`; null: when it is closed. */
  endsAtMs: number | null;
}

export const toasts = atom<readonly Toast[]>([]);

const noteMs = 5_000;
const mostShown = 4;
let made = 0;

export interface ToastOptions {
  action?: Toast['action'];
  durationMs?: number;
}

/** @returns the id, for `closeToast` */
export function showToast(text: string, options: ToastOptions = {}): string {
  return add('note', text, { durationMs: noteMs, ...options });
}

/** A problem stays until the visitor closes it. */
export function showProblem(text: string, options: ToastOptions = {}): string {
  return add('problem', text, options);
}

export function closeToast(id: string): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

function add(kind: Toast['kind'], text: string, options: ToastOptions): string {
  made += 1;
  const id = `toast-${made}`;
  const { action = null, durationMs } = options;
  const endsAtMs = durationMs === undefined ? null : Date.now() + durationMs;
  toasts.set([...toasts.get(), { id, kind, text, action, endsAtMs }].slice(-mostShown));
  announce(action === null ? text : `${text} (${action.label})`);
  if (durationMs !== undefined) setTimeout(() => closeToast(id), durationMs);
  return id;
}
