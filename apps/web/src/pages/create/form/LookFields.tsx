import { useStore } from '@nanostores/react';
import { Field } from '../../../components/controls/Field.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { Slider } from '../../../components/controls/Slider.tsx';
import { Switch } from '../../../components/controls/Switch.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { change, draft } from '../draft/draft.ts';
import {
  formatOf,
  misfitOf,
  offeredBackgrounds,
  offeredFormats,
  offeredQualities,
  reasonsAgainst,
  type Situation,
} from '../draft/rules.ts';
import type { Problems } from './problems.ts';
import { formTexts } from './texts.ts';

interface LookFieldsProps {
  situation: Situation;
  problems: Problems;
}

/** How the picture looks and how it is stored. What does not apply says why. */
export function LookFields({ situation, problems }: LookFieldsProps) {
  const t = useTexts(formTexts);
  const format = useFormat();
  const entered = useStore(draft);
  const reasons = reasonsAgainst(situation, t);
  const made = formatOf(entered);
  const qualities = offeredQualities(situation.model, t);
  const quality =
    qualities.find(({ value }) => value === entered.quality)?.unavailable === undefined
      ? entered.quality
      : 'auto';
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-4">
      <Field label={t.quality} problem={problems.of('quality')}>
        <Select
          value={quality}
          options={qualities.map(({ value, unavailable }) => ({
            value,
            label: t[value],
            unavailable,
          }))}
          onChange={(chosen) => change({ quality: chosen })}
        />
      </Field>
      <Field label={t.background} problem={problems.of('background')}>
        <Select
          value={entered.background}
          options={offeredBackgrounds(situation, t).map(({ value, unavailable }) => ({
            value,
            label: t[value],
            unavailable,
          }))}
          onChange={(background) => change({ background })}
        />
      </Field>
      <Field label={t.fileFormat} problem={problems.of('output_format')}>
        <Select
          value={made}
          options={offeredFormats(situation, t).map(({ value, unavailable }) => ({
            value,
            label: value,
            unavailable,
          }))}
          onChange={(chosen) => change({ format: chosen === 'png' ? 'auto' : chosen })}
        />
      </Field>
      <Field
        label={t.count}
        aside={<span className="tabular">{format.number(entered.n)}</span>}
        unavailable={reasons.n}
        problem={problems.of('n')}
      >
        <div className="flex h-(--control) items-center">
          <Slider value={entered.n} min={1} max={10} onChange={(n) => change({ n })} />
        </div>
      </Field>
      {made === 'gif' ? (
        <Frames problems={problems} />
      ) : made === 'svg' ? (
        <SvgFields problems={problems} />
      ) : (
        <Field
          className="col-span-2"
          label={t.compression}
          aside={
            reasons.compression === undefined
              ? t.percent({ count: entered.compression })
              : undefined
          }
          unavailable={reasons.compression}
          problem={problems.of('output_compression')}
        >
          <Slider
            value={entered.compression}
            min={0}
            max={100}
            valueText={t.percent({ count: entered.compression })}
            onChange={(compression) => change({ compression })}
          />
        </Field>
      )}
    </div>
  );
}

function Frames({ problems }: { problems: Problems }) {
  const t = useTexts(formTexts);
  const { frameCount, frameDurationMs } = useStore(draft);
  return (
    <>
      <Field label={t.frames} aside={frameCount} problem={problems.of('frame_count')}>
        <Slider
          value={frameCount}
          min={2}
          max={16}
          onChange={(count) => change({ frameCount: count })}
        />
      </Field>
      <Field label={t.frameTime} aside={frameDurationMs} problem={problems.of('frame_duration_ms')}>
        <Slider
          value={frameDurationMs}
          min={20}
          max={2000}
          step={20}
          onChange={(duration) => change({ frameDurationMs: duration })}
        />
      </Field>
    </>
  );
}

const svgEfforts = ['auto', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** An svg is written by a model of its own. */
function SvgFields({ problems }: { problems: Problems }) {
  const t = useTexts(formTexts);
  const { svgModel, svgEffort } = useStore(draft);
  return (
    <>
      <Field label={t.svgModel} hint={t.svgModelHint} problem={problems.of('svg')}>
        <TextInput
          value={svgModel}
          placeholder="gpt-5.6-terra"
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => change({ svgModel: target.value.trim() })}
        />
      </Field>
      <Field label={t.svgEffort} unavailable={svgModel === '' ? t.svgNeedsModel : undefined}>
        <Select
          value={svgEffort}
          options={svgEfforts.map((value) => ({ value, label: t[value] }))}
          onChange={(effort) => change({ svgEffort: effort })}
        />
      </Field>
    </>
  );
}

/** What only an edit has. */
export function EditFields({ situation, problems }: LookFieldsProps) {
  const t = useTexts(formTexts);
  const { fidelity, keepsRest } = useStore(draft);
  const reasons = reasonsAgainst(situation, t);
  const values = ['auto', 'low', 'high'] as const;
  const taken = situation.model?.input_fidelity;
  return (
    <div className="flex flex-col gap-4">
      <Switch
        label={t.keepsRest}
        hint={problems.of('composite') ?? misfitOf(situation, t) ?? t.keepsRestHint}
        isOn={keepsRest && reasons.keepsRest === undefined}
        unavailable={reasons.keepsRest}
        onChange={(isOn) => change({ keepsRest: isOn })}
      />
      <Field
        label={t.fidelity}
        unavailable={reasons.fidelity}
        problem={problems.of('input_fidelity')}
      >
        <Select
          value={fidelity}
          options={values.map((value) => ({
            value,
            label: t[value],
            unavailable:
              value === 'auto' || taken === undefined || taken.includes(value)
                ? undefined
                : t.notOfModel({ model: situation.model?.id ?? '' }),
          }))}
          onChange={(chosen) => change({ fidelity: chosen })}
        />
      </Field>
    </div>
  );
}
