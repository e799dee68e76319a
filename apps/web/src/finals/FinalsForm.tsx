import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { Field } from '../components/controls/Field.tsx';
import { Segmented } from '../components/controls/Segmented.tsx';
import { Select } from '../components/controls/Select.tsx';
import { TextInput } from '../components/controls/TextInput.tsx';
import { useTexts } from '../texts/i18n.ts';
import type { FinalsOptions } from './finals-api.ts';
import { finalsTexts } from './texts.ts';

export interface FinalsChoice extends FinalsOptions {
  /** The name of the new batch; empty: Kiln gives it one. */
  name: string;
}

export interface FinalsFormProps {
  choice: FinalsChoice;
  hasName: boolean;
  onChange: (choice: FinalsChoice) => void;
}

type Model = components['schemas']['ImageModel'];
type Changed = 'model' | 'quality' | 'size' | 'n';

const asDraft = 'as-draft';
const usualSizes = ['1024x1024', '1536x1024', '1024x1536', '2048x2048', '3072x2048', '2048x3072'];
const usualQualities = ['low', 'medium', 'high'];

/** How finals differ from their drafts. */
export function FinalsForm({ choice, hasName, onChange }: FinalsFormProps) {
  const t = useTexts(finalsTexts);
  const { by, changes, name } = choice;
  const { data } = useQuery({
    queryKey: keys.models,
    queryFn: () => answer(client.GET('/v1/models')),
  });
  const models = data?.data.filter(({ deployments }) => deployments.length > 0) ?? [];
  const model = models.find(({ id }) => id === changes.model);

  function choose(field: Changed, value: string): void {
    const { [field]: _old, ...rest } = changes;
    const chosen = field === 'n' ? Number(value) : value;
    onChange({
      ...choice,
      changes: { ...rest, ...(value === asDraft ? {} : { [field]: chosen }) },
    });
  }
  const fields: readonly [Changed, string, readonly string[]][] = [
    ['quality', t.quality, (model ?? models[0])?.qualities ?? usualQualities],
    ['size', t.size, sizesOf(model)],
    ['model', t.model, models.map(({ id }) => id)],
    ['n', t.number, ['1', '2', '3', '4', '6', '8']],
  ];
  return (
    <div className="flex flex-col gap-4">
      <Field label={t.by} hint={by === 'edit' ? t.byEditHint : t.byPromptHint}>
        <Segmented
          value={by}
          onChange={(chosen) => onChange({ ...choice, by: chosen })}
          segments={[
            { value: 'prompt', label: t.byPrompt },
            { value: 'edit', label: t.byEdit },
          ]}
          className="self-start"
        />
      </Field>
      <div className="grid gap-4 tablet:grid-cols-2">
        {fields.map(([field, label, values]) => (
          <Field key={field} label={label}>
            <Select
              value={String(changes[field] ?? (field === 'n' ? 1 : asDraft))}
              onChange={(value) => choose(field, value)}
              options={[
                ...(field === 'n' ? [] : [{ value: asDraft, label: t.asDraft }]),
                ...values.map((value) => ({
                  value,
                  label: field === 'size' ? value.replace('x', ' × ') : value,
                })),
              ]}
            />
          </Field>
        ))}
      </div>
      {hasName && (
        <Field label={t.name}>
          <TextInput
            value={name}
            maxLength={200}
            onChange={({ currentTarget }) => onChange({ ...choice, name: currentTarget.value })}
          />
        </Field>
      )}
    </div>
  );
}

function sizesOf(model: Model | undefined): readonly string[] {
  return model?.sizes.kind === 'fixed' ? model.sizes.allowed : usualSizes;
}
