/**
 * The theme: the system's, or the one the visitor chose. Each choice reaches every tab. The page
 * applies a stored choice before its first paint (public/theme.js).
 */
import { atom } from 'nanostores';
import { readStored, store } from '../app/stored.ts';

export type Theme = 'system' | 'light' | 'dark';

const key = 'kiln-theme';

export const theme = atom<Theme>(toTheme(readStored(key)));

export function chooseTheme(chosen: Theme): void {
  store(key, chosen === 'system' ? null : chosen);
  theme.set(chosen);
}

function toTheme(stored: string | null): Theme {
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

theme.subscribe((chosen) => {
  const { dataset } = document.documentElement;
  if (chosen === 'system') delete dataset['theme'];
  else dataset['theme'] = chosen;
});

addEventListener('storage', (event) => {
  if (event.key === key) theme.set(toTheme(event.newValue));
});
