import { Field } from '../../../../components/controls/Field.tsx';
import { Segmented } from '../../../../components/controls/Segmented.tsx';
import { TextArea } from '../../../../components/controls/TextInput.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import {
  countCombinations,
  filledRows,
  valuesOf,
  variablesOf,
  type TemplateDraft,
} from './template.ts';
import { inputTexts } from './texts.ts';
import { ValuesTable } from './ValuesTable.tsx';

export interface TemplateInputProps {
  template: TemplateDraft;
  onChange: (template: TemplateDraft) => void;
}

/** One prompt with variables, and their values as a table or as lists to combine. */
export function TemplateInput({ template, onChange }: TemplateInputProps) {
  const t = useTexts(inputTexts);
  const { text, mode } = template;
  const variables = variablesOf(text);
  const count = mode === 'values' ? filledRows(template).length : countCombinations(template);
  return (
    <div className="flex flex-col gap-5">
      <Field label={t.template} hint={t.templateHint}>
        <TextArea
          rows={3}
          value={text}
          placeholder={t.templateExample}
          spellCheck={false}
          onChange={({ currentTarget }) => onChange({ ...template, text: currentTarget.value })}
          className="min-h-[5.5rem]"
        />
      </Field>
      {variables.length > 0 && (
        <div className="flex flex-col gap-4">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <Segmented
              label={t.valuesAs}
              value={mode}
              onChange={(chosen) => onChange({ ...template, mode: chosen })}
              segments={[
                { value: 'values', label: t.asTable },
                { value: 'matrix', label: t.asLists },
              ]}
            />
            <Count template={template} count={count} />
          </div>
          {mode === 'values' ? (
            <ValuesTable template={template} variables={variables} onChange={onChange} />
          ) : (
            <Lists template={template} variables={variables} onChange={onChange} />
          )}
        </div>
      )}
    </div>
  );
}

/** `3 × 4 = 12 prompts`. */
function Count({ template, count }: { template: TemplateDraft; count: number }) {
  const t = useTexts(inputTexts);
  const { number } = useFormat();
  const lengths = variablesOf(template.text).map((name) => valuesOf(template.lists[name]).length);
  const product = `${lengths.map(number).join(' × ')} = `;
  return (
    <span className="tabular text-small text-muted">
      {template.mode === 'matrix' && lengths.length > 1 && product}
      {t.promptCount(count)}
    </span>
  );
}

interface ValuesProps extends TemplateInputProps {
  variables: readonly string[];
}

function Lists({ template, variables, onChange }: ValuesProps) {
  const t = useTexts(inputTexts);
  const { lists } = template;
  return (
    <div className="grid gap-4 tablet:grid-cols-2">
      {variables.map((name) => (
        <Field
          key={name}
          label={name}
          aside={<span className="tabular">{t.valueCount(valuesOf(lists[name]).length)}</span>}
        >
          <TextArea
            rows={4}
            value={lists[name] ?? ''}
            placeholder={t.listHint}
            spellCheck={false}
            onChange={({ currentTarget }) =>
              onChange({ ...template, lists: { ...lists, [name]: currentTarget.value } })
            }
          />
        </Field>
      ))}
    </div>
  );
}
