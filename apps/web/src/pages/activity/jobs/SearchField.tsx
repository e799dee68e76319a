import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { Field } from '../../../components/controls/Field.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { useShortcuts, type Shortcut } from '../../../keyboard/shortcuts.ts';

const typingMs = 300;

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  /** The key that leads to it. */
  keys?: string;
}

/** A field that searches a moment after the last key. */
export function SearchField({ label, placeholder, value, onChange, keys }: SearchFieldProps) {
  const name = useId();
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (shown !== value) {
    // The address has changed, also by the browser's way back.
    setShown(value);
    setText(value);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  useShortcuts(
    useMemo((): Shortcut[] => {
      const run = (): void => document.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus();
      return keys === undefined ? [] : [{ keys, label, run }];
    }, [keys, label, name]),
  );
  return (
    <Field label={label} isLabelHidden>
      <TextInput
        name={name}
        type="search"
        placeholder={placeholder}
        maxLength={200}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(target.value.trim()), typingMs);
        }}
      />
    </Field>
  );
}
