import { CalendarClock, Pencil, PencilLine } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { Field } from '../../../components/controls/Field.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { Badge } from '../../../components/display/Badge.tsx';
import { Popover } from '../../../components/overlays/Popover.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { Batch } from '../api.ts';
import { BatchState } from '../BatchState.tsx';
import { BatchRunNext, RunsNextBadge } from './RunNext.tsx';
import { headTexts } from './texts.ts';
import { useBatchChange } from './use-batch-change.ts';

/** Below the heading: the state, and what can be changed of the batch itself. */
export function BatchHead({ batch, name }: { batch: Batch; name: string }) {
  const t = useTexts(headTexts);
  const isWaiting = batch.status === 'validating' || batch.status === 'in_progress';
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <BatchState batch={batch} />
      {batch.as_drafts && (
        <Badge icon={PencilLine}>
          <span title={t.draftsHint}>{t.drafts}</span>
        </Badge>
      )}
      {batch.runs_next && <RunsNextBadge />}
      <span className="-mx-3 flex flex-wrap items-center">
        <Rename batch={batch} name={name} />
        {isWaiting && <Deadline batch={batch} />}
        {isWaiting && <BatchRunNext batch={batch} name={name} />}
      </span>
    </span>
  );
}

function Rename({ batch, name }: { batch: Batch; name: string }) {
  const t = useTexts(headTexts);
  const [typed, setTyped] = useState<string | null>(null);
  const { change, isBusy, problem } = useBatchChange(batch.id, () => setTyped(null));
  const wanted = typed?.trim() ?? '';
  return (
    <Popover
      trigger={
        <Button variant="plain" size="small" icon={Pencil}>
          {t.rename}
        </Button>
      }
      isOpen={typed !== null}
      onOpenChange={(isOpen) => setTyped(isOpen ? name : null)}
    >
      <form
        className="flex w-[20rem] max-w-full flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          change({ name: wanted === '' ? null : wanted });
        }}
      >
        <Field label={t.name} hint={t.nameHint} problem={problem}>
          <TextInput
            maxLength={200}
            value={typed ?? ''}
            onFocus={({ currentTarget }) => currentTarget.select()}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </Field>
        <Button type="submit" size="small" isBusy={isBusy} className="self-end">
          {t.save}
        </Button>
      </form>
    </Popover>
  );
}

function Deadline({ batch }: { batch: Batch }) {
  const t = useTexts(headTexts);
  const { time } = useFormat();
  const { expires_at: deadline } = batch;
  const [typed, setTyped] = useState<string | null>(null);
  const { change, isBusy, problem } = useBatchChange(batch.id, () => setTyped(null));
  const chosen = toSeconds(typed ?? '');
  return (
    <Popover
      trigger={
        <Button variant="plain" size="small" icon={CalendarClock}>
          {deadline === null ? t.setDeadline : t.deadline({ time: time(deadline) })}
        </Button>
      }
      isOpen={typed !== null}
      onOpenChange={(isOpen) => setTyped(isOpen ? toLocal(deadline ?? inOneDay()) : null)}
    >
      <form
        className="flex w-[20rem] max-w-full flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== null) change({ deadline: chosen });
        }}
      >
        <Field label={t.deadlineName} hint={t.deadlineHint} problem={problem}>
          <TextInput
            type="datetime-local"
            required
            value={typed ?? ''}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </Field>
        <span className="flex flex-wrap justify-end gap-2">
          {deadline !== null && (
            <Button
              size="small"
              variant="plain"
              isBusy={isBusy}
              onClick={() => change({ deadline: null })}
            >
              {t.noDeadline}
            </Button>
          )}
          <Button type="submit" size="small" isBusy={isBusy}>
            {t.save}
          </Button>
        </span>
      </form>
    </Popover>
  );
}

function inOneDay(): number {
  return Math.ceil(Date.now() / 1_000) + 86_400;
}

/** The visitor's own time, as `datetime-local` writes it. */
function toLocal(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1_000);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function toSeconds(local: string): number | null {
  const ms = new Date(local).getTime();
  return Number.isNaN(ms) ? null : Math.floor(ms / 1_000);
}
