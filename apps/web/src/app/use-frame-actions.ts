/** The frame's own commands and keys: going to pages, the theme, the language. */
import { useNavigate } from '@tanstack/react-router';
import { Languages, Moon, Sun, SunMoon } from 'lucide-react';
import type { Command } from '../keyboard/commands.ts';
import type { Shortcut } from '../keyboard/shortcuts.ts';
import { chooseLocale, useTexts } from '../texts/i18n.ts';
import { chooseTheme } from '../theme/theme.ts';
import { destinations } from './destinations.ts';
import { frameTexts } from './texts.ts';

export function useFrameActions(): { commands: Command[]; goKeys: Shortcut[] } {
  const t = useTexts(frameTexts);
  const navigate = useNavigate();
  const goTo = destinations.map(({ name, to, icon, keys }) => ({
    id: `go-${name}`,
    label: t.goTo({ page: t[name] }),
    icon,
    keys,
    run: () => void navigate({ to }),
  }));
  return {
    goKeys: goTo.map(({ keys, label, run }) => ({ keys, label, run })),
    commands: [
      ...goTo,
      theme('light', t.themeLight, Sun),
      theme('dark', t.themeDark, Moon),
      theme('system', t.themeSystem, SunMoon),
      { id: 'english', label: 'English', icon: Languages, run: () => chooseLocale('en') },
      { id: 'japanese', label: '日本語', icon: Languages, run: () => chooseLocale('ja') },
    ],
  };

  function theme(name: 'light' | 'dark' | 'system', label: string, icon: Command['icon']): Command {
    return {
      id: `theme-${name}`,
      label: `${t.theme}: ${label}`,
      ...(icon === undefined ? {} : { icon }),
      run: () => chooseTheme(name),
    };
  }
}
