import { useNavigate } from '@tanstack/react-router';
import { Flame } from 'lucide-react';
import { useMemo, useState } from 'react';
import { newKey } from '../../../api/client.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Checkbox } from '../../../components/controls/Checkbox.tsx';
import { Field } from '../../../components/controls/Field.tsx';
import { Switch } from '../../../components/controls/Switch.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { showToast } from '../../../undo/toasts.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { BatchValidation } from '../api.ts';
import { startDraft, type Draft } from './draft.ts';
import { Forecast } from './Forecast.tsx';
import { summaryTexts } from './texts.ts';

export interface SummaryProps {
  draft: Draft;
  preview: BatchValidation | undefined;
  /** The preview is that of the draft as it stands. */
  isFresh: boolean;
  onDrafts: (asDrafts: boolean) => void;
}

/** What the batch comes to, and the button that starts it. */
export function Summary({ draft, preview, isFresh, onDrafts }: SummaryProps) {
  const t = useTexts(summaryTexts);
  const [typedName, setName] = useState<string>();
  const name = (typedName ?? nameOf(draft)).trim();
  const [skips, setSkips] = useState(false);
  const { start, isBusy, problem } = useStart({ draft, name, skipsInvalid: skips });
  const hasSource = draft.source !== null;
  const hasInvalid = (preview?.invalid ?? 0) > 0;

  function unavailable(): string | undefined {
    if (!hasSource) return t.needsSource;
    if (!isFresh || preview === undefined) return t.needsPreview;
    if (preview.valid === 0 || !preview.accepted) return t.needsRows;
    return hasInvalid && !skips ? t.needsFix : undefined;
  }
  return (
    <Panel className="flex flex-col gap-5 min-[76rem]:sticky min-[76rem]:top-5">
      <h2 className="font-semibold">{t.summary}</h2>
      {preview === undefined ? (
        !hasSource && <p className="text-muted">{t.needsSource}</p>
      ) : (
        <Forecast preview={preview} />
      )}
      {hasInvalid && preview !== undefined && preview.valid > 0 && (
        <Checkbox label={t.skip} isChecked={skips} onChange={setSkips} />
      )}
      <Switch label={t.asDrafts} hint={t.asDraftsHint} isOn={draft.asDrafts} onChange={onDrafts} />
      <Field label={t.name}>
        <TextInput
          value={typedName ?? nameOf(draft)}
          maxLength={200}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
      </Field>
      {problem !== null && (
        <Notice tone="bad" title={t.notStarted}>
          {problem}
        </Notice>
      )}
      <Button
        variant="primary"
        icon={Flame}
        isBusy={isBusy}
        unavailable={unavailable()}
        onClick={start}
        className="w-full"
      >
        {t.start}
      </Button>
    </Panel>
  );
}

/** A name to begin with: that of the file, or the beginning of the first prompt. */
function nameOf({ source }: Draft): string {
  switch (source?.kind) {
    case 'file':
      return source.file.name.replace(/\.[^.]+$/, '');
    case 'prompts':
      return beginningOf(source.prompts[0]);
    case 'template':
      return beginningOf(source.template);
    case undefined:
      return '';
  }
}

function beginningOf(prompt = ''): string {
  return prompt.split('\n')[0]?.slice(0, 60) ?? '';
}

function useStart(options: { draft: Draft; name: string; skipsInvalid: boolean }) {
  const { draft, name, skipsInvalid } = options;
  const t = useTexts(summaryTexts);
  const navigate = useNavigate();
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  // A press that is repeated after a lost answer has the same key; another batch has another one.
  const requestId = useMemo(
    () => ({ key: newKey(), draft, name, skipsInvalid }),
    [draft, name, skipsInvalid],
  );

  async function send(): Promise<void> {
    const { source, ...rest } = draft;
    if (source === null) return;
    setIsBusy(true);
    setProblem(null);
    try {
      const idempotencyKey = requestId.key;
      const batch = await startDraft({ source, ...rest }, { name, skipsInvalid, idempotencyKey });
      showToast(t.started({ name: name === '' ? batch.id : name }));
      await navigate({ to: '/batches/$id', params: { id: batch.id } });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setIsBusy(false);
    }
  }
  return { start: () => void send(), isBusy, problem };
}
