import { Field } from '../../../components/controls/Field.tsx';
import { TextArea } from '../../../components/controls/TextInput.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { newTexts } from './texts.ts';

/** Prompts as they are pasted or typed. */
export function PromptsInput(props: {
  text: string;
  prompts: readonly string[];
  onChange: (text: string) => void;
}) {
  const { text, prompts, onChange } = props;
  const t = useTexts(newTexts);
  return (
    <Field
      label={t.prompts}
      hint={t.promptsHint}
      aside={<span className="tabular">{t.promptCount(prompts.length)}</span>}
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
