/** What helps against a refusal of a picture, by the code of the API or of this page. */
import type { pictureTexts } from './texts.ts';

type Texts = ReturnType<typeof pictureTexts.get>;

export function adviceFor(code: string | null, t: Texts): string | null {
  switch (code) {
    case 'image_format_unsupported':
      return t.adviceFormat;
    case 'cmyk':
      return t.adviceColours;
    case 'image_animated':
      return t.adviceAnimated;
    case 'image_too_large':
    case 'body_too_large':
    case 'file_too_large':
    case 'image_check_failed':
      return t.adviceLarge;
    case 'image_with_foreign_data':
    case 'image_metadata_too_large':
      return t.adviceForeign;
    case 'image_damaged':
      return t.adviceDamaged;
    default:
      return null;
  }
}
