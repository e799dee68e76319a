import { useEffect, useState, type SubmitEvent } from 'react';
import { signIn } from '../../api/session.ts';
import { announce } from '../../app/announcer.tsx';
import { LanguageChoice } from '../../app/Settings.tsx';
import { Button } from '../../components/controls/Button.tsx';
import { Field } from '../../components/controls/Field.tsx';
import { TextInput } from '../../components/controls/TextInput.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { signInTexts } from './texts.ts';

/** Takes a key and trades it for a session. The page that was wanted follows by itself. */
export default function SignInPage() {
  const t = useTexts(signInTexts);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);

  useEffect(() => {
    document.title = `${t.title} · Kiln`;
    announce(t.title);
  }, [t]);
  useEffect(() => document.querySelector<HTMLInputElement>('input[name="key"]')?.focus(), []);

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const input = form.querySelector('input');
    const key = input?.value.trim() ?? '';
    if (key === '') {
      setProblem(t.empty);
      return;
    }
    setIsBusy(true);
    const refused = await signIn(key);
    setIsBusy(false);
    if (refused === null) return;
    const reasons = { 'wrong-key': t.wrongKey, busy: t.busy, unreachable: t.unreachable };
    setProblem(reasons[refused]);
    announce(reasons[refused]);
    input?.select();
  }

  return (
    <main className="grid min-h-dvh place-items-center px-4 py-7">
      <form
        noValidate
        onSubmit={(event) => void submit(event)}
        className="flex w-full max-w-[24rem] animate-rise flex-col gap-5"
      >
        <img src="./favicon.svg" alt="" className="size-[3rem]" />
        <div className="flex flex-col gap-2">
          <h1 className="text-title font-semibold">{t.title}</h1>
          <p className="text-muted">{t.lead}</p>
        </div>
        <Field label={t.key} problem={problem}>
          <TextInput
            name="key"
            type="password"
            autoComplete="current-password"
            spellCheck={false}
          />
        </Field>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          {t.signIn}
        </Button>
        <LanguageChoice />
      </form>
    </main>
  );
}
