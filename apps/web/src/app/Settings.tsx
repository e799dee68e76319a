import { useStore } from '@nanostores/react';
import { LogOut, Moon, Settings2, Sun, SunMoon } from 'lucide-react';
import { address } from '../api/client.ts';
import { session, signOut } from '../api/session.ts';
import { Button } from '../components/controls/Button.tsx';
import { Field } from '../components/controls/Field.tsx';
import { IconButton } from '../components/controls/IconButton.tsx';
import { Segmented } from '../components/controls/Segmented.tsx';
import { Switch } from '../components/controls/Switch.tsx';
import { Popover } from '../components/overlays/Popover.tsx';
import { batchNotes, switchBatchNotes } from '../live/batch-notes.ts';
import { chooseLocale, locale, useTexts } from '../texts/i18n.ts';
import { chooseTheme, theme } from '../theme/theme.ts';
import { frameTexts } from './texts.ts';

/** Theme, language, notes, the session. */
export function Settings() {
  const t = useTexts(frameTexts);
  const isSignedIn = useStore(session) === 'signed-in';
  return (
    <Popover side="top" trigger={<IconButton icon={Settings2} label={t.settings} />}>
      <ThemeChoice />
      <LanguageChoice />
      <BatchNotesChoice />
      <a href={address('docs')} className="text-small text-muted underline hover:text-ink">
        {t.apiDocs}
      </a>
      {isSignedIn && (
        <Button icon={LogOut} size="small" onClick={() => void signOut()}>
          {t.signOut}
        </Button>
      )}
    </Popover>
  );
}

function ThemeChoice() {
  const t = useTexts(frameTexts);
  return (
    <Field label={t.theme}>
      <Segmented
        value={useStore(theme)}
        onChange={chooseTheme}
        segments={[
          { value: 'system', label: t.themeSystem, icon: SunMoon },
          { value: 'light', label: t.themeLight, icon: Sun },
          { value: 'dark', label: t.themeDark, icon: Moon },
        ]}
        isCompact
      />
    </Field>
  );
}

function BatchNotesChoice() {
  const t = useTexts(frameTexts);
  const state = useStore(batchNotes);
  return (
    <Switch
      label={t.batchNotes}
      hint={t.batchNotesHint}
      isOn={state === 'on'}
      unavailable={state === 'blocked' ? t.batchNotesBlocked : undefined}
      onChange={(isOn) => void switchBatchNotes(isOn)}
    />
  );
}

export function LanguageChoice() {
  const t = useTexts(frameTexts);
  return (
    <Field label={t.language}>
      <Segmented
        value={useStore(locale)}
        onChange={chooseLocale}
        segments={[
          { value: 'en', label: 'English' },
          { value: 'ja', label: '日本語' },
        ]}
      />
    </Field>
  );
}
