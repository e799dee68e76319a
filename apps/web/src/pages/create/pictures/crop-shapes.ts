/** Shapes that a picture can be cropped to: those that the chosen model makes. */
import { useStore } from '@nanostores/react';
import type { CropShape } from '../../../crop/CropDialog.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { draft } from '../draft/draft.ts';
import { offeredRatios } from '../draft/rules.ts';
import { presetOf, usualSizes, valueOf } from '../draft/sizes.ts';
import type { ImageModel } from '../draft/types.ts';
import { formTexts } from '../form/texts.ts';

export interface CropShapes {
  all: readonly CropShape[];
  /** That of the size which was chosen. */
  first: string | undefined;
}

export function useCropShapes(model: ImageModel | null): CropShapes {
  const t = useTexts(formTexts);
  const { list } = useFormat();
  const { size } = useStore(draft);
  return {
    all: offeredRatios(model, t, list).map(({ value, unavailable }) => ({
      name: value,
      shape: valueOf(value),
      unavailable,
    })),
    first: presetOf(size, model?.sizes ?? usualSizes)?.ratio,
  };
}
