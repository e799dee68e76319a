import { Field } from '../../../components/controls/Field.tsx';
import { Select, type SelectOption } from '../../../components/controls/Select.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { change } from '../draft/draft.ts';
import type { ImageModel } from '../draft/types.ts';
import type { Models } from '../draft/use-models.ts';
import { formTexts } from './texts.ts';

/** Which model makes the picture. Those that no deployment serves are shown, and say so. */
export function ModelField({ models, problem }: { models: Models; problem: string | undefined }) {
  const t = useTexts(formTexts);
  const format = useFormat();
  const { all, chosenId, chosen } = models;
  const served = all.filter(({ deployments }) => deployments.length > 0);
  const others = all.filter(({ deployments }) => deployments.length === 0);
  const options: SelectOption<string>[] = [...served, ...others].map((model) => ({
    value: model.id,
    label: model.id,
    hint: endOf(model),
    unavailable: model.deployments.length === 0 ? t.notServed : undefined,
  }));
  // A deployment may serve a model that the table does not know.
  if (chosenId !== null && chosen === null) options.unshift({ value: chosenId, label: chosenId });

  function endOf({ retires, providers }: ImageModel): string | undefined {
    const dates = providers.flatMap((provider) => retires[provider] ?? []);
    const last = dates.length === providers.length ? dates.toSorted().at(-1) : undefined;
    return last === undefined
      ? undefined
      : t.retires({ date: format.time(Date.parse(`${last}T00:00:00`) / 1_000) });
  }

  return (
    <Field label={t.model} problem={problem}>
      <Select
        value={chosen?.id ?? chosenId ?? ''}
        options={options}
        onChange={(model) => change({ model })}
      />
    </Field>
  );
}
