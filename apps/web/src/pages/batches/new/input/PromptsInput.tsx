import { Field } from '../../../../components/controls/Field.tsx';
import { TextArea } from '../../../../components/controls/TextInput.tsx';
import { useTexts } from '../../../../texts/i18n.ts';
import { inputTexts } from './texts.ts';

interface PromptsInputProps {
  text: string;
  /** How many prompts the text has. */
  count: number;
  onChange: (text: string) => void;
}

/** Prompts as they are pasted or typed. */
export function PromptsInput({ text, count, onChange }: PromptsInputProps) {
  const t = useTexts(inputTexts);
  return (
    <Field
      label={t.prompts}
      hint={t.promptsHint}
      aside={<span className="tabular">{t.promptCount(count)}</span>}
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
