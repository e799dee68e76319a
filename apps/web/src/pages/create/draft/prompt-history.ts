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

export function rememberPrompt(prompt: string): void {
  const prompts = [prompt, ...readPrompts().filter((each) => each !== prompt)].slice(0, most);
  let text = JSON.stringify(prompts);
  while (text.length > mostStoredCharacters && prompts.length > 1) {
    prompts.pop();
    text = JSON.stringify(prompts);
  }
  store(key, text);
}
