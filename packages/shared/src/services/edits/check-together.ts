/**
 * Checks the pictures of one edit together: the sum of their bytes, and that mask and markup fit
 * the first image.
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
  /** Does not begin with the name of the field. */
  message: string;
}

/** Every problem; empty when the pictures can be sent together. */
export function findPictureProblems({ images, mask, markup }: EditPictures): PictureProblem[] {
  const problems: PictureProblem[] = [];
  const bytes = [...images, mask, markup].reduce((sum, source) => sum + (source?.bytes ?? 0), 0);
  if (bytes > maxSourceBytes) {
    const [received, allowed] = [bytes, maxSourceBytes].map((size) => size.toLocaleString('en'));
    const rule = `the pictures of an edit may have ${allowed} together`;
    const message = `received ${received} bytes; ${rule}`;
    problems.push({ param: 'images', code: 'file_too_large', message });
  }
  const [first] = images;
  if (first === undefined) return problems;
  const wrong =
    mask === null ? null : findMaskProblem({ ...mask.picture, bytes: mask.bytes }, first.picture);
  if (wrong !== null) problems.push({ param: 'mask', ...wrong });
  // Markup has the rules of a mask, except that it may have as many bytes as any picture.
  const off =
    markup === null ? null : findMaskProblem({ ...markup.picture, bytes: 0 }, first.picture);
  if (off !== null) {
    const message = off.message.replaceAll('a mask', 'markup');
    problems.push({ param: 'markup', code: off.code, message });
  }
  return problems;
}
