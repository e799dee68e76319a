import type { ComponentProps } from 'react';
import { cx } from '../cx.ts';
import { useFieldControl } from './Field.tsx';

const look = cx(
  'w-full rounded-medium border border-edge/60 bg-raised px-3 transition',
  'placeholder:text-muted hover:border-edge focus-visible:border-ember',
  'aria-invalid:border-bad aria-disabled:bg-sunken aria-disabled:text-muted',
);

export type TextInputProps = Omit<ComponentProps<'input'>, 'disabled'>;

/** One line of text or a number (`type`, `inputMode`), inside a `Field`. */
export function TextInput({ className, ...rest }: TextInputProps) {
  const { attributes, isUnavailable } = useFieldControl();
  return (
    <input
      {...rest}
      {...attributes}
      readOnly={isUnavailable || rest.readOnly}
      className={cx(look, 'h-(--control)', className)}
    />
  );
}

export type TextAreaProps = Omit<ComponentProps<'textarea'>, 'disabled'>;

/** Several lines; it grows with its text, between `rows` and the height of its class. */
export function TextArea({ className, ...rest }: TextAreaProps) {
  const { attributes, isUnavailable } = useFieldControl();
  return (
    <textarea
      {...rest}
      {...attributes}
      readOnly={isUnavailable || rest.readOnly}
      className={cx(look, 'field-sizing-content max-h-[60vh] resize-y py-2', className)}
    />
  );
}
