/** The prompts that were sent from this browser, newest first. */
import { readStored, store } from '../../../app/stored.ts';

const key = 'kiln-prompts';
const most = 50;
const mostStoredCharacters = 200_000;

export function readPrompts(): string[] {
  try {
    const stored: unknown = JSON.parse(readStored(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

/**
 * One step through the prompts from what stands in the field. A prompt that the field shows already
 * is passed over: after sending, the newest one is still there.
 * @param place where the visitor is; -1: at a text of their own
 * @returns the new place; the same: there is nothing further
 */
export function stepThrough(
  prompts: readonly string[],
  { place, current }: { place: number; current: string },
  direction: 'earlier' | 'later',
): number {
  const from = prompts[place] === current ? place : -1;
  if (direction === 'later') return Math.max(-1, from - 1);
  const found = prompts.findIndex((prompt, index) => index > from && prompt !== current);
  return found === -1 ? from : found;
}

export function rememberPrompt(prompt: string): void {
  const prompts = [prompt, ...readPrompts().filter((each) => each !== prompt)].slice(0, most);
  let text = JSON.stringify(prompts);
  while (text.length > mostStoredCharacters && prompts.length > 1) {
    prompts.pop();
    text = JSON.stringify(prompts);
  }
  store(key, text);
}
