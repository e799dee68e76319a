import { CircleAlert } from 'lucide-react';
import { createContext, useContext, useId, useMemo, type ReactNode } from 'react';
import { cx } from '../cx.ts';

export interface FieldProps {
  label: string;
  /** What it is for, or its limits, in a sentence. */
  hint?: ReactNode;
  /** What is wrong with the value, as the API words it. */
  problem?: string | undefined;
  /** Why it does not apply now. The control stays reachable, cannot be changed, and says this. */
  unavailable?: string | undefined;
  /** Beside the label, at the end of the line: a counter, a switch. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

interface FieldState {
  controlId: string;
  labelId: string;
  describedBy: string | undefined;
  isInvalid: boolean;
  isUnavailable: boolean;
}

const FieldContext = createContext<FieldState | null>(null);

/** A label, a control, and what there is to say about it. The control finds its names here. */
export function Field(props: FieldProps) {
  const { label, hint, problem, unavailable, aside, className, children } = props;
  const controlId = useId();
  const labelId = `${controlId}-label`;
  const noteId = `${controlId}-note`;
  const problemId = `${controlId}-problem`;
  const note = unavailable ?? hint;
  const hasNote = note !== undefined && note !== null && note !== '';
  const describedBy = cx(problem !== undefined && problemId, hasNote && noteId) || undefined;
  const state = useMemo(
    () => ({
      controlId,
      labelId,
      describedBy,
      isInvalid: problem !== undefined,
      isUnavailable: unavailable !== undefined,
    }),
    [controlId, labelId, describedBy, problem, unavailable],
  );
  return (
    <FieldContext value={state}>
      <div className={cx('flex min-w-0 flex-col gap-2', className)}>
        <div className="flex items-baseline justify-between gap-3">
          <label
            id={labelId}
            htmlFor={controlId}
            className={cx('text-small font-semibold', unavailable !== undefined && 'text-muted')}
          >
            {label}
          </label>
          {aside !== undefined && <span className="text-small text-muted">{aside}</span>}
        </div>
        {children}
        {problem !== undefined && (
          <p id={problemId} className="flex gap-2 text-small text-bad">
            <CircleAlert aria-hidden className="mt-[0.1rem] size-[1rem] shrink-0" />
            {problem}
          </p>
        )}
        {hasNote && (
          <p id={noteId} className="text-small text-muted">
            {note}
          </p>
        )}
      </div>
    </FieldContext>
  );
}

/** The attributes of a field's control: id, names, states. Empty outside of a field. */
export function useFieldControl() {
  const field = useContext(FieldContext);
  return {
    isUnavailable: field?.isUnavailable ?? false,
    labelId: field?.labelId,
    attributes: {
      ...(field === null ? {} : { id: field.controlId }),
      'aria-describedby': field?.describedBy,
      'aria-invalid': field?.isInvalid === true || undefined,
      'aria-disabled': field?.isUnavailable === true || undefined,
    },
  };
}
