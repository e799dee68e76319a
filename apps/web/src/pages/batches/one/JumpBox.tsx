import { useState } from 'react';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { announce } from '../../../app/announcer.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { rowTexts } from './texts.ts';

/** Leads to a row by its number, with Enter. */
export function JumpBox(props: { lastRow: number; onJump: (row: number) => void }) {
  const { lastRow, onJump } = props;
  const t = useTexts(rowTexts);
  const { number } = useFormat();
  const [text, setText] = useState('');
  return (
    <form
      className="w-[7.5rem] shrink-0"
      onSubmit={(event) => {
        event.preventDefault();
        const row = Math.min(lastRow, Math.max(1, Number.parseInt(text, 10)));
        if (!Number.isFinite(row)) return;
        setText(String(row));
        onJump(row);
        announce(t.at({ row: number(row) }));
      }}
    >
      <TextInput
        inputMode="numeric"
        aria-label={t.jump}
        placeholder={t.jump}
        maxLength={9}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value.replaceAll(/\D/g, ''))}
        className="h-(--control-small)! text-small"
      />
    </form>
  );
}
