/**
 * What the pictures of one edit must be like together: their bytes, and the sizes of those that lie
 * over the first one.
 */
import { maxSourceBytes } from '../../models/edit-rules.ts';
import { findMaskProblem, type MaskRefusalCode } from '../../models/picture-rules.ts';
import type { CheckedSource } from './source-files.ts';

export interface EditPictures {
  images: readonly CheckedSource[];
  mask: CheckedSource | null;
  markup: CheckedSource | null;
}

export interface PictureProblem {
  param: 'images' | 'mask' | 'markup';
  code: MaskRefusalCode | 'file_too_large';
  /** Without the field's name in front of it. */
  message: string;
}

export function findPictureProblem({ images, mask, markup }: EditPictures): PictureProblem | null {
  const bytes = [...images, mask, markup].reduce((sum, source) => sum + (source?.bytes ?? 0), 0);
  if (bytes > maxSourceBytes) {
    const message = `come to ${bytes.toLocaleString('en')} bytes; all pictures of an edit have at most ${maxSourceBytes.toLocaleString('en')}`;
    return { param: 'images', code: 'file_too_large', message };
  }
  const [first] = images;
  if (first === undefined) return null;
  const wrong =
    mask === null ? null : findMaskProblem({ ...mask.picture, bytes: mask.bytes }, first.picture);
  if (wrong !== null) return { param: 'mask', ...wrong };
  // Markup may be as large as any picture; otherwise it is what a mask is.
  const off =
    markup === null ? null : findMaskProblem({ ...markup.picture, bytes: 0 }, first.picture);
  if (off === null) return null;
  return { param: 'markup', code: off.code, message: off.message.replaceAll('a mask', 'markup') };
}
