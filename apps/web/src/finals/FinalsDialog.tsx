/**
 * Asks before finals are made: how, with which changes, and what they cost, as the API works it out
 * for exactly these drafts. The price that is shown is the most that is agreed to.
 */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { newKey } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { Button } from '../components/controls/Button.tsx';
import { KeyCaps } from '../components/display/KeyCaps.tsx';
import { Notice } from '../components/display/Notice.tsx';
import { Skeleton } from '../components/display/Skeleton.tsx';
import { Dialog } from '../components/overlays/Dialog.tsx';
import { useShortcuts } from '../keyboard/shortcuts.ts';
import { useFormat } from '../texts/format.ts';
import { useTexts } from '../texts/i18n.ts';
import { showToast } from '../undo/toasts.ts';
import {
  maxCostOf,
  previewFinals,
  startFinals,
  type FinalsOf,
  type FinalsPreview,
} from './finals-api.ts';
import { FinalsForm, type FinalsChoice } from './FinalsForm.tsx';
import { finalsTexts } from './texts.ts';

export interface FinalsDialogProps {
  of: FinalsOf;
  onClose: () => void;
}

const firstChoice: FinalsChoice = { by: 'prompt', changes: { quality: 'high' }, name: '' };

export default function FinalsDialog({ of: opened, onClose }: FinalsDialogProps) {
  // The parent may render a new object, and the key of the request must stay the same.
  const [of] = useState(opened);
  const t = useTexts(finalsTexts);
  const { money } = useFormat();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [choice, setChoice] = useState(firstChoice);
  const { by, changes, name } = choice;
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    queryKey: ['finals', of, by, changes],
    queryFn: ({ signal }) => previewFinals(of, { by, changes }, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
  const preview = error === null ? data : undefined;
  const isOld = isFetching || isPlaceholderData;
  // A press that is repeated after a lost answer has the same key; another choice has another one.
  const request = useMemo(() => ({ key: newKey(), of, choice }), [of, choice]);
  const start = useMutation({
    mutationFn: (estimated: number) =>
      startFinals(
        request.of,
        { by, changes, max_cost: maxCostOf(estimated), ...(name === '' ? {} : { name }) },
        request.key,
      ),
    onSuccess: async (made) => {
      showToast(t.started(preview?.rows ?? 1));
      onClose();
      await queries.invalidateQueries({ queryKey: keys.batches });
      if (made.kind === 'job') await navigate({ to: '/', search: { job: made.id } });
      else await navigate({ to: '/batches/$id', params: { id: made.id } });
    },
  });

  function unavailable(): string | undefined {
    if (preview === undefined || isOld) return t.wait;
    if (preview.problems_total > 0) return t.fixFirst;
    return preview.rows === 0 ? t.nothing : undefined;
  }
  const obstacle = unavailable();
  function press(): void {
    if (obstacle === undefined && !start.isPending) start.mutate(preview?.cost.estimated ?? 0);
  }
  useShortcuts([{ keys: 'mod+Enter', label: t.makeThem, run: press }]);
  const price = preview === undefined ? '…' : money(preview.cost.estimated);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      size="medium"
      title={preview === undefined ? t.title : t.titleOf(preview.rows)}
      actions={
        <>
          <Button onClick={onClose}>{t.notNow}</Button>
          <Button variant="primary" isBusy={start.isPending} unavailable={obstacle} onClick={press}>
            {preview?.rows === 1 ? t.startOne({ money: price }) : t.start({ money: price })}
            <span className="max-tablet:hidden">
              <KeyCaps keys="mod+Enter" isInverted />
            </span>
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {preview === undefined ? (
          error === null && <Skeleton className="h-[5.5rem] rounded-medium" />
        ) : (
          <Price preview={preview} isOld={isOld} />
        )}
        {error !== null && (
          <Notice tone="bad" title={t.unread}>
            {error.message}
          </Notice>
        )}
        {preview !== undefined && preview.problems_total > 0 && <Problems preview={preview} />}
        <FinalsForm choice={choice} hasName={!('jobId' in of)} onChange={setChoice} />
        {start.error !== null && <Notice tone="bad">{start.error.message}</Notice>}
      </div>
    </Dialog>
  );
}

/** *$7.80*, and what it would have been without drafts. */
function Price({ preview, isOld }: { preview: FinalsPreview; isOld: boolean }) {
  const t = useTexts(finalsTexts);
  const { money } = useFormat();
  const { cost, all_rows_cost: all, saving } = preview;
  return (
    <div
      aria-busy={isOld}
      className={`flex flex-col transition-opacity ${isOld ? 'opacity-60' : ''}`}
    >
      <p className="tabular text-display font-semibold">{money(cost.estimated)}</p>
      <p className="tabular text-small text-muted">
        {cost.at_most === null ? cost.at_most_reason : t.atMost({ money: money(cost.at_most) })}
      </p>
      {all !== null && (
        <p className="tabular">
          {t.allWould({ money: money(all) })}
          {saving !== null && saving > 0 && <> {t.saved({ money: money(saving) })}</>}
        </p>
      )}
    </div>
  );
}

const shownProblems = 5;

function Problems({ preview }: { preview: FinalsPreview }) {
  const t = useTexts(finalsTexts);
  const { problems, problems_total: total } = preview;
  const more = total - Math.min(shownProblems, problems.length);
  return (
    <Notice tone="bad" title={t.problems(total)}>
      <ul className="flex flex-col gap-1">
        {problems.slice(0, shownProblems).map(({ image, param, message }) => (
          <li key={`${image} ${param} ${message}`} className="wrap-anywhere">
            {param !== null && <span className="font-semibold">{param} · </span>}
            {message}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="text-muted">{t.more(more)}</p>}
    </Notice>
  );
}
