/** Shapes that a picture can be cropped to: those that the chosen model makes. */
import { useStore } from '@nanostores/react';
import type { CropShape } from '../../../crop/CropDialog.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { draft } from '../draft/draft.ts';
import { presetOf, presetSize, ratios, usualSizes, valueOf } from '../draft/sizes.ts';
import type { ImageModel } from '../draft/types.ts';
import { formTexts } from '../form/texts.ts';

export interface CropShapes {
  all: readonly CropShape[];
  /** That of the size which was chosen. */
  first: string | undefined;
}

export function useCropShapes(model: ImageModel | null): CropShapes {
  const t = useTexts(formTexts);
  const format = useFormat();
  const { size } = useStore(draft);
  const rules = model?.sizes ?? usualSizes;
  const reason =
    rules.kind === 'fixed'
      ? t.sizesOnly({ model: model?.id ?? '', sizes: format.list(rules.allowed) })
      : t.ratioOnly({ ratio: rules.max_ratio });
  return {
    all: ratios.map((ratio) => ({
      name: ratio,
      shape: valueOf(ratio),
      unavailable: presetSize(ratio, '1K', rules) === null ? reason : undefined,
    })),
    first: presetOf(size, rules)?.ratio,
  };
}
