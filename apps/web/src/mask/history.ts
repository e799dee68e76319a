/**
 * A list of steps that can be undone and redone. Steps beyond the limit go to `settle`,
 * oldest first, and cannot be undone any more.
 */
export interface History<Step> {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

export const mostSteps = 40;

export function emptyHistory<Step>(): History<Step> {
  return { done: [], undone: [] };
}

export function withStep<Step>(
  history: History<Step>,
  step: Step,
  settle: (oldest: Step) => void,
): History<Step> {
  const done = [...history.done, step];
  for (const oldest of done.splice(0, Math.max(0, done.length - mostSteps))) settle(oldest);
  return { done, undone: [] };
}

export function undoneOnce<Step>({ done, undone }: History<Step>): History<Step> {
  const last = done.at(-1);
  if (last === undefined) return { done, undone };
  return { done: done.slice(0, -1), undone: [...undone, last] };
}

export function redoneOnce<Step>({ done, undone }: History<Step>): History<Step> {
  const next = undone.at(-1);
  if (next === undefined) return { done, undone };
  return { done: [...done, next], undone: undone.slice(0, -1) };
}
