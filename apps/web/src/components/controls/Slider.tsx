import type { CSSProperties } from 'react';
import { useFieldControl } from './Field.tsx';

export interface SliderProps {
  value: number;
  min: number;
  max: number;
  step?: number;
  onChange: (value: number) => void;
  /** What screen readers say in place of the number: `80 %`. */
  valueText?: string;
  /** Names it where no `Field` does. */
  label?: string;
}

/** A number between two others, inside a `Field`; show the value in the field's `aside`. */
export function Slider(props: SliderProps) {
  const { value, min, max, step = 1, onChange, valueText, label } = props;
  const { attributes, isUnavailable } = useFieldControl();
  const share = max === min ? 0 : (value - min) / (max - min);
  return (
    <input
      {...attributes}
      type="range"
      aria-label={label}
      aria-valuetext={valueText}
      value={value}
      min={min}
      max={max}
      step={step}
      onChange={({ target }) => {
        if (!isUnavailable) onChange(target.valueAsNumber);
      }}
      style={{ '--filled': `${share * 100}%` } as CSSProperties}
      className="range w-full"
    />
  );
}
