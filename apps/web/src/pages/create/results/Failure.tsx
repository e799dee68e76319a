import { answer } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { useFilterWords } from '../../../words/content-filter/use-filter-words.ts';
import { statusTexts } from '../../../words/texts.ts';
import type { Job } from '../draft/types.ts';
import { paidSentence } from './ledger.ts';
import { resultTexts } from './texts.ts';

type Decision = 'again' | 'fail';

/** What happened, whether it was paid, and what helps. */
export function Failure({ job }: { job: Job }) {
  const t = useTexts(resultTexts);
  const states = useTexts(statusTexts);
  const format = useFormat();
  const filterWords = useFilterWords();
  const queryClient = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: Decision) => send(job, decision),
    onSuccess: (changed) => queryClient.setQueryData(keys.job(job.id), changed),
    onError: (error) => showProblem(error.message),
  });
  const { error, status } = job;
  const isFiltered = error?.code === 'content_policy';
  const moderation = error?.moderation ?? null;
  const again = (text: string) => (
    <Button size="small" isBusy={decide.isPending} onClick={() => decide.mutate('again')}>
      {text}
    </Button>
  );

  if (status === 'cancelled' || status === 'expired')
    return (
      <Notice title={states[status]} actions={again(t.tryAgain)}>
        <p className="text-small">{paidSentence(job, t, format)}</p>
      </Notice>
    );
  if (status === 'held')
    return (
      <Notice
        tone="warn"
        title={t.heldTitle}
        actions={
          <>
            {again(t.callAgain)}
            <Button size="small" isBusy={decide.isPending} onClick={() => decide.mutate('fail')}>
              {t.giveUp}
            </Button>
          </>
        }
      >
        <p className="text-small">{paidSentence(job, t, format)}</p>
        <p className="text-small">
          {t.heldHint({ amount: format.money(job.cost.estimated ?? job.cost.at_risk) })}
        </p>
      </Notice>
    );
  return (
    <Notice
      tone="bad"
      title={isFiltered ? t.filterTitle : t.failedTitle}
      actions={isFiltered ? undefined : again(t.tryAgain)}
    >
      {moderation !== null && (
        <p className="text-small">
          {[
            moderation.stage === null
              ? null
              : t.filterStage({ stage: filterWords(moderation.stage) }),
            moderation.categories.length === 0
              ? null
              : t.filterCategories({
                  categories: format.list(moderation.categories.map(filterWords)),
                }),
          ]
            .filter((each) => each !== null)
            .join(' · ')}
        </p>
      )}
      <p className="text-small break-words">{error?.message}</p>
      <p className="text-small font-semibold">{paidSentence(job, t, format)}</p>
      <p className="text-small">{t[helpFor(error?.code ?? '')]}</p>
    </Notice>
  );
}

async function send({ id, status }: Job, decision: Decision): Promise<Job> {
  const params = { path: { id } };
  if (status !== 'held') return answer(client.POST('/v1/jobs/{id}/retry', { params }));
  const action = decision === 'again' ? 'retry' : 'fail';
  return answer(client.POST('/v1/jobs/{id}/resolve', { params, body: { action } }));
}

/** The name of the text that says what helps against a fault (docs/errors.md). */
function helpFor(code: string) {
  switch (code) {
    case 'content_policy':
      return 'helpFilter';
    case 'provider_rejected_parameters':
      return 'helpParameters';
    case 'provider_rejected_size':
    case 'not_sendable':
      return 'helpSize';
    case 'provider_timeout':
      return 'helpTimeout';
    case 'source_missing':
      return 'helpSource';
    case 'provider_refused':
      return 'helpRefused';
    default:
      return 'helpOther';
  }
}
