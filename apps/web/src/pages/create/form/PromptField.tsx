import { useStore } from '@nanostores/react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { Field } from '../../../components/controls/Field.tsx';
import { TextArea } from '../../../components/controls/TextInput.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { change, draft } from '../draft/draft.ts';
import { readPrompts, stepThrough } from '../draft/prompt-history.ts';
import { formTexts } from './texts.ts';

const promptId = 'create-prompt';
export const mostCharacters = 32_000;

/** The prompt. Alt and the arrow keys walk through those that were sent before. */
export function PromptField({ isEdit, problem }: { isEdit: boolean; problem: string | undefined }) {
  const t = useTexts(formTexts);
  const format = useFormat();
  const { prompt } = useStore(draft);
  /** Where in the history the visitor is; -1: at the text of their own, which is kept. */
  const [place, setPlace] = useState(-1);
  const own = useRef('');
  const length = prompt.length;

  function walk(event: KeyboardEvent): void {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const prompts = readPrompts();
    const isOwn = prompts[place] !== prompt;
    const direction = event.key === 'ArrowUp' ? 'earlier' : 'later';
    const next = stepThrough(prompts, { place, current: prompt }, direction);
    if (next === (isOwn ? -1 : place)) return;
    if (isOwn) own.current = prompt;
    setPlace(next);
    change({ prompt: prompts[next] ?? own.current });
  }

  const tooMany = length - mostCharacters;
  return (
    <Field
      label={t.prompt}
      problem={tooMany > 0 ? t.tooLong({ count: format.number(tooMany) }) : problem}
      aside={
        length === 0 ? undefined : (
          <span className="tabular">
            {t.counter({ count: format.number(length), most: format.number(mostCharacters) })}
          </span>
        )
      }
    >
      <div data-prompt={promptId}>
        <TextArea
          rows={5}
          value={prompt}
          placeholder={isEdit ? t.promptPlaceholderEdit : t.promptPlaceholder}
          onKeyDown={walk}
          onChange={({ target }) => {
            setPlace(-1);
            change({ prompt: target.value });
          }}
          className="min-h-[8rem] px-4 py-3"
        />
      </div>
    </Field>
  );
}

/** Brings the visitor to the prompt. */
export function focusPrompt(): void {
  const field = document.querySelector<HTMLTextAreaElement>(`[data-prompt="${promptId}"] textarea`);
  field?.focus();
  field?.scrollIntoView({ block: 'center', behavior: 'smooth' });
}
