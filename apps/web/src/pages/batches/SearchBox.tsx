import { Search } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { TextInput } from '../../components/controls/TextInput.tsx';
import { useShortcuts } from '../../keyboard/shortcuts.ts';

const settleMs = 300;

export interface SearchBoxProps {
  q: string | undefined;
  onChange: (q: string | undefined) => void;
  /** What it searches. */
  label: string;
}

/** Searches a moment after the last key; `/` leads to it. */
export function SearchBox({ q, onChange, label }: SearchBoxProps) {
  const [text, setText] = useState(q ?? '');
  const box = useRef<HTMLDivElement>(null);
  const input = (): HTMLInputElement | null => box.current?.querySelector('input') ?? null;
  const change = useEffectEvent((typed: string) => {
    const wanted = typed.trim() === '' ? undefined : typed.trim();
    if (wanted !== q) onChange(wanted);
  });
  useEffect(() => {
    const timer = setTimeout(() => change(text), settleMs);
    return () => clearTimeout(timer);
  }, [text]);
  // Another act, such as *Show all rows*, may have ended the search.
  const [seen, setSeen] = useState(q);
  if (seen !== q) {
    setSeen(q);
    if (q === undefined) setText('');
  }
  useShortcuts([{ keys: '/', label, run: () => input()?.focus() }]);
  return (
    <div ref={box} className="relative w-full min-w-0 tablet:w-[16rem]">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-0 bottom-0 left-3 my-auto size-[1rem] text-muted"
      />
      <TextInput
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={200}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        className="h-(--control-small)! pl-6! text-small"
      />
    </div>
  );
}
