/**
 * What the chosen model takes, and why the rest does not apply now. The texts explain; the API
 * decides (`POST /v1/jobs/validate`). A model that the table does not know takes everything.
 */
import type { formTexts } from '../form/texts.ts';
import type { Draft } from './draft.ts';
import {
  fitsWhole,
  presetSize,
  ratios,
  readSize,
  usualSizes,
  type Ratio,
  type Size,
} from './sizes.ts';
import type { ImageModel } from './types.ts';

type Texts = ReturnType<typeof formTexts.get>;
type FormatName = Exclude<Draft['format'], 'auto'>;

export interface Situation {
  draft: Draft;
  model: ImageModel | null;
  pictures: number;
  hasMask: boolean;
  /** The size of the first picture; null: there is none, or it is not known yet. */
  pictureSize: Size | null;
}

const allFormats: readonly FormatName[] = ['png', 'jpeg', 'webp', 'gif', 'svg'];
const allQualities = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** The format that the provider makes. */
export function formatOf({ format }: Draft): FormatName {
  return format === 'auto' ? 'png' : format;
}

/** Formats that at least one provider makes that serves the model. */
function formatsOf(model: ImageModel | null): readonly FormatName[] {
  if (model === null) return allFormats;
  const providers = model.providers.length === 0 ? (['openai'] as const) : model.providers;
  return allFormats.filter((each) =>
    providers.some((provider) => model.output_formats[provider].includes(each)),
  );
}

export interface Offer<Value extends string> {
  value: Value;
  unavailable: string | undefined;
}

/** Qualities of all models; those of others say so. */
export function offeredQualities(model: ImageModel | null, t: Texts): Offer<Draft['quality']>[] {
  return allQualities.map((value) => ({
    value,
    unavailable:
      model === null || value === 'auto' || model.qualities.includes(value)
        ? undefined
        : t.notOfModel({ model: model.id }),
  }));
}

/** @param list joins sizes, as the visitor's language does */
export function offeredRatios(
  model: ImageModel | null,
  t: Texts,
  list: (sizes: readonly string[]) => string,
): Offer<Ratio>[] {
  const rules = model?.sizes ?? usualSizes;
  const reason =
    rules.kind === 'fixed'
      ? t.sizesOnly({ model: model?.id ?? '', sizes: list(rules.allowed) })
      : t.ratioOnly({ ratio: rules.max_ratio });
  return ratios.map((value) => ({
    value,
    unavailable: presetSize(value, '1K', rules) === null ? reason : undefined,
  }));
}

export function offeredFormats(
  { draft, model, hasMask }: Situation,
  t: Texts,
): Offer<FormatName>[] {
  const made = formatsOf(model);
  return allFormats.map((value) => ({ value, unavailable: reason(value) }));

  function reason(value: FormatName): string | undefined {
    if (!made.includes(value)) return t.notOfModel({ model: model?.id ?? '' });
    if (draft.background === 'transparent' && value !== 'png' && value !== 'webp')
      return t.transparentNeedsAlpha;
    if (value === 'gif' && hasMask) return t.gifWithoutMask;
    if (value === 'svg' && draft.n > 1) return t.svgIsOne;
    return undefined;
  }
}

export function offeredBackgrounds(
  { draft, model }: Situation,
  t: Texts,
): Offer<Draft['background']>[] {
  const format = formatOf(draft);
  const refusal =
    model?.transparent_background === false
      ? t.notOfModel({ model: model.id })
      : format !== 'png' && format !== 'webp'
        ? t.noAlpha({ format })
        : undefined;
  return [
    { value: 'auto', unavailable: undefined },
    { value: 'opaque', unavailable: undefined },
    { value: 'transparent', unavailable: refusal },
  ];
}

/** Why the rest cannot be kept although there is a mask; the size would have to be another. */
export function misfitOf({ draft, pictureSize }: Situation, t: Texts): string | undefined {
  const made = readSize(draft.size);
  if (made === null || pictureSize === null || fitsWhole(made, pictureSize)) return undefined;
  const { width, height } = pictureSize;
  return t.sizesMisfit({ size: draft.size, picture: `${width}x${height}` });
}

export interface Reasons {
  compression: string | undefined;
  frames: string | undefined;
  fidelity: string | undefined;
  n: string | undefined;
  keepsRest: string | undefined;
  mask: string | undefined;
  markup: string | undefined;
  size: string | undefined;
  webhookEvents: string | undefined;
}

export function takesField(model: ImageModel | null, field: string): boolean {
  return model === null || model.parameters.includes(field);
}

/** Why a whole field does not apply. */
export function reasonsAgainst({ draft, model, pictures, hasMask }: Situation, t: Texts): Reasons {
  const made = formatOf(draft);
  return {
    compression: made === 'jpeg' || made === 'webp' ? undefined : t.noCompression({ format: made }),
    frames: made === 'gif' ? undefined : t.framesNeedGif,
    fidelity:
      model !== null && model.input_fidelity.length === 0
        ? t.noFidelity({ model: model.id })
        : pictures === 0
          ? t.fidelityNeedsPicture
          : undefined,
    n: made === 'svg' ? t.svgIsOne : undefined,
    keepsRest: hasMask ? undefined : t.keepNeedsMask,
    mask: made === 'gif' ? t.gifWithoutMask : undefined,
    markup: !takesField(model, 'markup')
      ? t.markupNotOfModel({ model: model?.id ?? '' })
      : pictures === 0
        ? t.fidelityNeedsPicture
        : hasMask && made !== 'gif'
          ? t.markupOrMask
          : undefined,
    size: takesField(model, 'size') ? undefined : t.notOfModel({ model: model?.id ?? '' }),
    webhookEvents: draft.webhookUrl === '' ? t.eventsNeedWebhook : undefined,
  };
}
