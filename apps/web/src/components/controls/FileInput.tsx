import type { RefObject } from 'react';

interface FileInputProps {
  ref?: RefObject<HTMLInputElement | null>;
  id?: string;
  label: string;
  /** MIME types, apart by commas. */
  accept: string;
  multiple?: boolean;
  onChoose: (files: File[]) => void;
}

/** Asks for files. It is not seen: a button or a label opens it. */
export function FileInput({ label, onChoose, ...rest }: FileInputProps) {
  return (
    <input
      {...rest}
      type="file"
      aria-label={label}
      tabIndex={-1}
      className="sr-only"
      onChange={({ target }) => {
        onChoose([...(target.files ?? [])]);
        target.value = ''; // so that the same file, corrected, can be chosen again
      }}
    />
  );
}
