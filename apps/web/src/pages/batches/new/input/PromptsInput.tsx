import { Field } from '../../../../components/controls/Field.tsx';
import { TextArea } from '../../../../components/controls/TextInput.tsx';
import { useTexts } from '../../../../texts/i18n.ts';
import { splitPrompts } from './split-prompts.ts';
import { inputTexts } from './texts.ts';

/** Prompts as they are pasted or typed. */
export function PromptsInput(props: { text: string; onChange: (text: string) => void }) {
  const { text, onChange } = props;
  const t = useTexts(inputTexts);
  return (
    <Field
      label={t.prompts}
      hint={t.promptsHint}
      aside={<span className="tabular">{t.promptCount(splitPrompts(text).length)}</span>}
    >
      <TextArea
        rows={8}
        value={text}
        placeholder={t.promptsExample}
        spellCheck={false}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        className="min-h-[12rem]"
      />
    </Field>
  );
}
