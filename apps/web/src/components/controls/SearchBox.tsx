import { Search } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useShortcuts } from '../../keyboard/shortcuts.ts';
import { cx } from '../cx.ts';
import { TextInput } from './TextInput.tsx';

const settleMs = 300;

export interface SearchBoxProps {
  q: string | undefined;
  onChange: (q: string | undefined) => void;
  /** What it searches. */
  label: string;
  /** Default: the label. */
  placeholder?: string;
  /** The key that leads to it; one on a page has it. */
  keys?: string;
  size?: 'medium' | 'small';
  className?: string;
}

/** Searches a moment after the last key. */
export function SearchBox(props: SearchBoxProps) {
  const { q, onChange, label, placeholder = label, keys, size = 'medium', className } = props;
  const [text, setText] = useState(q ?? '');
  const box = useRef<HTMLDivElement>(null);
  const change = useEffectEvent((typed: string) => {
    const wanted = typed.trim() === '' ? undefined : typed.trim();
    if (wanted !== q) onChange(wanted);
  });
  useEffect(() => {
    const timer = setTimeout(() => change(text), settleMs);
    return () => clearTimeout(timer);
  }, [text]);
  // Another act, such as *Show all rows* or the browser's way back, may have changed the search.
  const [seen, setSeen] = useState(q);
  if (seen !== q) {
    setSeen(q);
    if (q !== text.trim()) setText(q ?? '');
  }
  const run = (): void => box.current?.querySelector('input')?.focus();
  useShortcuts(keys === undefined ? [] : [{ keys, label, run }]);
  return (
    <div ref={box} className={cx('relative min-w-0', className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-0 bottom-0 left-3 my-auto size-[1rem] text-muted"
      />
      <TextInput
        type="search"
        aria-label={label}
        placeholder={placeholder}
        maxLength={200}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        className={cx('pl-6!', size === 'small' && 'h-(--control-small)! text-small')}
      />
    </div>
  );
}
