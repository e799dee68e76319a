import { useStore } from '@nanostores/react';
import { RotateCcw } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { KeyCaps } from '../../../components/display/KeyCaps.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showToast } from '../../../undo/toasts.ts';
import { useWarningText } from '../../../words/warnings.ts';
import { draft, emptyDraft } from '../draft/draft.ts';
import { buildRequest } from '../draft/to-request.ts';
import { useModels } from '../draft/use-models.ts';
import { madeBefore } from '../results/made-before/made-before.ts';
import { fileIdOf, markup, mask, pictures, usableMask } from '../pictures/pictures.ts';
import { SourcePictures } from '../pictures/SourcePictures.tsx';
import { AdvancedFields } from './AdvancedFields.tsx';
import { ForecastLine } from './ForecastLine.tsx';
import { EditFields, LookFields } from './LookFields.tsx';
import { ModelField } from './ModelField.tsx';
import { sortProblems } from './problems.ts';
import { focusPrompt, mostCharacters, PromptField } from './PromptField.tsx';
import { SizeField } from './SizeField.tsx';
import { formTexts } from './texts.ts';
import { useForecast } from './use-forecast.ts';
import { useSubmit } from './use-submit.ts';

const MadeBeforeDialog = lazy(() => import('../results/made-before/MadeBeforeDialog.tsx'));

/** The form: a prompt, pictures, settings, and what they come to. */
export function Composer() {
  const t = useTexts(formTexts);
  const warningText = useWarningText();
  const entered = useStore(draft);
  const sources = useStore(pictures);
  const painted = usableMask(sources, useStore(mask));
  const drawn = useStore(markup);
  const models = useModels();
  const submit = useSubmit();
  const found = useStore(madeBefore);
  const fileIds = sources.flatMap((picture) => fileIdOf(picture) ?? []);
  const built = buildRequest({
    draft: entered,
    model: models.chosen,
    pictures: fileIds,
    mask: painted?.fileId ?? null,
    markup: drawn?.fileId ?? null,
  });
  const forecast = useForecast(built);
  const problems = sortProblems(forecast.validation?.problems ?? []);
  const optionsProblem =
    built.status === 'ready'
      ? undefined
      : built.message === null
        ? t.notObject
        : t.notJson({ message: built.message });
  const isEdit = sources.length > 0;
  const situation = {
    draft: entered,
    model: models.chosen,
    pictures: sources.length,
    hasMask: painted !== null,
    pictureSize: sources[0]?.state.is === 'ready' ? sources[0].state : null,
  };
  const obstacle = findObstacle();

  function findObstacle(): string | undefined {
    if (entered.prompt.trim() === '') return t.writeFirst;
    if (entered.prompt.length > mostCharacters) return t.solveFirst;
    const isUploading = drawn !== null && drawn.fileId === null;
    if (isUploading || sources.some(({ state }) => state.is === 'uploading'))
      return t.waitForPictures;
    if (sources.some(({ state }) => state.is === 'refused')) return t.removeRefused;
    const isInvalid = !forecast.isOld && forecast.validation?.valid === false;
    return built.status !== 'ready' || isInvalid ? t.solveFirst : undefined;
  }
  function send(): void {
    if (entered.prompt.trim() === '') focusPrompt();
    else if (obstacle === undefined && built.status === 'ready')
      submit.mutate({ ...built.request, dedupe: 'offer' });
  }
  useShortcuts([{ keys: 'mod+Enter', label: t.make, run: send }]);
  function clear(): void {
    const before = { entered, sources, drawn };
    draft.set({ ...emptyDraft, model: entered.model });
    pictures.set([]);
    markup.set(null);
    showToast(t.cleared, {
      action: {
        label: t.undo,
        run: () => {
          draft.set(before.entered);
          pictures.set(before.sources);
          markup.set(before.drawn);
        },
      },
    });
    focusPrompt();
  }

  const label = isEdit ? t.change : entered.n > 1 ? t.makeMany({ count: entered.n }) : t.make;
  return (
    <form
      aria-label={t.make}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      // What has the focus must not be below the bar at the bottom.
      className="flex flex-col gap-5 rounded-large border border-line bg-surface p-4 tablet:p-5
        [&_:is(input,button,textarea,summary)]:scroll-mb-[16rem]"
    >
      <PromptField
        isEdit={isEdit}
        problem={entered.prompt.trim() === '' ? undefined : problems.of('prompt')}
      />
      <SourcePictures
        model={models.chosen}
        problem={problems.of('images', 'mask')}
        maskUnavailable={entered.format === 'gif' ? t.gifWithoutMask : undefined}
      />
      {isEdit && <EditFields situation={situation} problems={problems} />}
      <ModelField models={models} problem={problems.of('model')} />
      <SizeField model={models.chosen} problem={problems.of('size')} />
      <LookFields situation={situation} problems={problems} />
      <AdvancedFields situation={situation} problems={problems} optionsProblem={optionsProblem} />
      <div
        className="sticky bottom-0 -mx-4 -mb-4 flex flex-col gap-3 rounded-b-large border-t
          border-line bg-surface p-4 tablet:-mx-5 tablet:-mb-5 tablet:px-5
          max-desktop:bottom-(--tab-bar)"
      >
        {problems.others.map((message) => (
          <Notice key={message} tone="bad">
            {message}
          </Notice>
        ))}
        {forecast.validation?.warnings.map(({ code, message }) => (
          <p key={code} className="text-small text-warn">
            {warningText({ code, message })}
          </p>
        ))}
        <ForecastLine forecast={forecast} />
        <div className="flex gap-2">
          <Button
            type="submit"
            variant="primary"
            unavailable={obstacle}
            isBusy={submit.isPending}
            className="grow"
          >
            {label}
            <span className="max-tablet:hidden">
              <KeyCaps keys="mod+Enter" isInverted />
            </span>
          </Button>
          <IconButton icon={RotateCcw} label={t.clear} onClick={clear} />
        </div>
      </div>
      <Suspense>{found !== null && <MadeBeforeDialog found={found} />}</Suspense>
    </form>
  );
}
