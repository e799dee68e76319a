import { Sparkles } from 'lucide-react';
import { useId } from 'react';
import { useFieldControl } from '../../../components/controls/Field.tsx';
import { cx } from '../../../components/cx.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { Offer } from '../draft/rules.ts';
import type { Ratio } from '../draft/sizes.ts';
import { formTexts } from './texts.ts';

export interface ShapeChoiceProps {
  /** null: a size of one's own. */
  value: Ratio | 'auto' | null;
  ratios: readonly Offer<Ratio>[];
  onChange: (ratio: Ratio | 'auto') => void;
}

/** Shapes of pictures, drawn. Radio buttons to the keyboard. */
export function ShapeChoice({ value, ratios, onChange }: ShapeChoiceProps) {
  const t = useTexts(formTexts);
  const name = useId();
  const { attributes } = useFieldControl();
  const all = [{ value: 'auto' as const, unavailable: undefined }, ...ratios];
  return (
    <div
      role="radiogroup"
      aria-label={t.shape}
      aria-describedby={attributes['aria-describedby']}
      className="grid grid-cols-5 gap-1"
    >
      {all.map(({ value: ratio, unavailable }) => (
        <label
          key={ratio}
          title={unavailable}
          className={cx(
            'relative flex h-[3.75rem] cursor-pointer flex-col items-center justify-end gap-1 rounded-medium',
            'border border-line pb-1 text-small text-muted transition hover:border-edge',
            'has-checked:border-ember has-checked:bg-ember-soft has-checked:text-ember',
            'has-focus-visible:outline-2 has-focus-visible:outline-ember',
            unavailable !== undefined && 'cursor-not-allowed opacity-50',
          )}
        >
          <input
            type="radio"
            name={name}
            value={ratio}
            checked={ratio === value}
            aria-disabled={unavailable !== undefined || undefined}
            aria-describedby={unavailable === undefined ? undefined : `${name}-${ratio}`}
            onChange={() => {
              if (unavailable === undefined) onChange(ratio);
            }}
            className="absolute inset-0 cursor-[inherit] opacity-0"
          />
          <span aria-hidden className="grid grow place-items-center pt-1">
            {ratio === 'auto' ? <Sparkles className="size-[1.125rem]" /> : <Shape ratio={ratio} />}
          </span>
          {ratio === 'auto' ? t.auto : ratio}
          {unavailable !== undefined && (
            <span id={`${name}-${ratio}`} hidden>
              {unavailable}
            </span>
          )}
        </label>
      ))}
    </div>
  );
}

function Shape({ ratio }: { ratio: Ratio }) {
  const [width = 1, height = 1] = ratio.split(':').map(Number);
  const longest = Math.max(width, height);
  return (
    <span
      className="block rounded-[0.1875rem] border-[1.5px] border-current"
      style={{ width: `${(width / longest) * 1.5}rem`, height: `${(height / longest) * 1.5}rem` }}
    />
  );
}
