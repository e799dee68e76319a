/** Finds the first problem the provider reports about an edit's pictures, or null. */
import { findModelRules } from '../models.ts';
import type { Body } from '../parameters/body.ts';
import { readText } from '../parameters/body.ts';
import { invalidValue, missingParameter, type Problem } from '../parameters/problem.ts';
import type { Upload, UploadedPicture, Uploads } from './upload.ts';

const mostImages = 16;
const largestImageBytes = 50 * 1024 * 1024;
const largestMaskBytes = 4 * 1024 * 1024;

export function checkUploads(
  { images, mask, markup }: Uploads,
  body: Body,
  provider: 'azure' | 'openai',
  model: string,
): Problem | null {
  const [first] = images;
  if (first === undefined) return missingParameter('image');
  if (images.length > mostImages) {
    const message =
      `Invalid 'image': array too long. Expected an array with maximum length` +
      ` ${mostImages}, but got an array with length ${images.length} instead.`;
    return { message, param: 'image', code: 'array_above_max_length' };
  }
  const formats = provider === 'azure' ? ['png', 'jpeg'] : ['png', 'jpeg', 'webp'];
  for (const image of images) {
    const problem = checkImage(image, formats);
    if (problem !== null) return problem;
  }
  if (mask !== null && body['output_format'] === 'gif')
    return invalidValue('mask', 'mask is not supported for GIF output format.');
  if (mask !== null && markup !== null)
    return invalidValue('markup', 'markup cannot be combined with mask.');
  if (markup !== null && !findModelRules(model).markup)
    return invalidValue('markup', `markup is not supported for the model '${model}'.`);
  return (
    checkFidelity(body, model) ??
    (mask === null ? null : checkOverlay(mask, first.picture, largestMaskBytes)) ??
    (markup === null ? null : checkOverlay(markup, first.picture, largestImageBytes))
  );
}

function checkImage(
  { bytes, picture, contentType }: Upload,
  formats: readonly string[],
): Problem | null {
  if (bytes.length >= largestImageBytes) {
    return invalidValue('image', 'Image file is too large. Each image must be smaller than 50MB.');
  }
  if (picture === null) {
    return {
      message: 'Invalid image file or mode for image 1, please check your image file.',
      param: 'image',
      code: 'invalid_image_file',
    };
  }
  // The declared content type counts, and then the bytes.
  if (
    formats.includes(picture.format) &&
    formats.some((format) => contentType === `image/${format}`)
  )
    return null;
  const message =
    `Invalid file 'image': unsupported mimetype ('${contentType}'). Supported file` +
    ` formats are ${formats.map((format) => `'image/${format}'`).join(', ')}.`;
  return { message, param: 'image', code: 'unsupported_file_mimetype' };
}

/** A mask or markup must be a PNG with some transparency, of the first image's size. */
function checkOverlay(
  { field, bytes, picture }: Upload,
  first: UploadedPicture | null,
  largestBytes: number,
): Problem | null {
  const refuse = (message: string): Problem => ({
    message,
    param: field,
    code: `invalid_${field}`,
  });
  if (bytes.length >= largestBytes) return refuse(`Invalid ${field}: the file is too large.`);
  if (picture?.format !== 'png')
    return refuse(`Invalid ${field} image format - ${field} image must be a PNG.`);
  if (!picture.hasAlpha)
    return refuse(`Invalid ${field} image format - ${field} image missing alpha channel`);
  if (picture.isOpaque) return refuse(`Invalid ${field} image - no pixel of it is transparent.`);
  if (picture.width === first?.width && picture.height === first.height) return null;
  return refuse(`Invalid ${field} image format - ${field} size does not match image size`);
}

function checkFidelity(body: Body, model: string): Problem | null {
  const given = readText(body, 'input_fidelity', null);
  if (given === null) return null;
  const { fidelities } = findModelRules(model);
  if (fidelities.includes(given)) return null;
  return invalidValue(
    'input_fidelity',
    fidelities.length === 0
      ? `The model '${model}' does not support the 'input_fidelity' parameter.`
      : `Invalid value: '${given}'. Supported values are:` +
          ` ${fidelities.map((value) => `'${value}'`).join(', ')}.`,
  );
}
