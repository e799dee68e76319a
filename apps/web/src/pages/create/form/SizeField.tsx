import { useStore } from '@nanostores/react';
import { useState } from 'react';
import { Field } from '../../../components/controls/Field.tsx';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { change, draft } from '../draft/draft.ts';
import { offeredRatios } from '../draft/rules.ts';
import {
  nearestScale,
  presetOf,
  presetSize,
  readSize,
  scales,
  usualSizes,
  type Ratio,
  type Scale,
} from '../draft/sizes.ts';
import type { ImageModel } from '../draft/types.ts';
import { ShapeChoice } from './ShapeChoice.tsx';
import { formTexts } from './texts.ts';

/** The size by its shape and resolution, or by numbers. */
export function SizeField({
  model,
  problem,
}: {
  model: ImageModel | null;
  problem: string | undefined;
}) {
  const t = useTexts(formTexts);
  const format = useFormat();
  const { size } = useStore(draft);
  const rules = model?.sizes ?? usualSizes;
  const preset = presetOf(size, rules);
  const pixels = readSize(size);
  const [lastScale, setLastScale] = useState<Scale>('1K');
  const scale = preset?.scale ?? (pixels === null ? lastScale : nearestScale(pixels));

  function choose(ratio: Ratio | 'auto'): void {
    const wanted =
      ratio === 'auto'
        ? 'auto'
        : (presetSize(ratio, scale, rules) ?? presetSize(ratio, '1K', rules));
    if (wanted !== null) change({ size: wanted });
  }

  const hint =
    rules.kind === 'fixed'
      ? t.sizeHintFixed({ model: model?.id ?? '', sizes: format.list(rules.allowed) })
      : size === 'auto'
        ? t.sizeAuto
        : t.sizeHintFree({
            step: rules.edge_multiple,
            edge: format.number(rules.max_edge),
            least: format.number(rules.min_pixels),
            most: format.number(rules.max_pixels),
            ratio: rules.max_ratio,
          });
  return (
    <div className="flex flex-col gap-3">
      <Field label={t.size} problem={problem} hint={hint}>
        <ShapeChoice
          value={size === 'auto' ? 'auto' : (preset?.ratio ?? null)}
          ratios={offeredRatios(model, t, format.list)}
          onChange={choose}
        />
      </Field>
      {rules.kind === 'free' && size !== 'auto' && (
        <div className="flex flex-wrap items-center gap-3">
          <Segmented
            label={t.resolution}
            value={preset === null ? '' : scale}
            segments={scales.map((value) => ({ value, label: value }))}
            onChange={(chosen) => {
              const next = scales.find((each) => each === chosen) ?? '1K';
              setLastScale(next);
              change({ size: presetSize(preset?.ratio ?? '1:1', next, rules) ?? size });
            }}
          />
          <Edges key={size} size={size} />
        </div>
      )}
    </div>
  );
}

/** Width and height as numbers; they take effect when the visitor leaves them. */
function Edges({ size }: { size: string }) {
  const t = useTexts(formTexts);
  const given = readSize(size);
  const [width, setWidth] = useState(String(given?.width ?? ''));
  const [height, setHeight] = useState(String(given?.height ?? ''));
  const commit = (): void => {
    const next = `${width.trim()}x${height.trim()}`;
    if (next !== size && /^\d{1,5}x\d{1,5}$/.test(next)) change({ size: next });
  };
  const input = (label: string, value: string, onChange: (value: string) => void) => (
    <TextInput
      aria-label={label}
      inputMode="numeric"
      value={value}
      maxLength={5}
      onChange={({ target }) => onChange(target.value.replace(/\D/g, ''))}
      onBlur={commit}
      onKeyDown={({ key }) => {
        if (key === 'Enter') commit();
      }}
      className="tabular max-w-[4.75rem] text-center"
    />
  );
  return (
    <span className="flex items-center gap-2">
      {input(t.width, width, setWidth)}
      <span aria-hidden className="text-muted">
        ×
      </span>
      {input(t.height, height, setHeight)}
    </span>
  );
}
