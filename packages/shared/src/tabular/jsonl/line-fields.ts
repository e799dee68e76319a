/**
 * Reads the fields of a JSONL line that are not part of the request that is sent, and removes them
 * from the body.
 */
import { parseImageId } from '../../domain/gallery/image-id.ts';
import { isFilename } from '../csv/read-cells.ts';
import type { TabularLimits } from '../limits.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import type { RawRequest, References } from '../table.ts';

const responseFormats = ['url', 'b64_json'] as const;

/** Reads how the output file should hold the pictures of this line. */
export function readResponseFormat(
  body: RawRequest,
  row: number,
  problems: RowProblem[],
): (typeof responseFormats)[number] | null {
  const value = body['response_format'];
  delete body['response_format'];
  if (value === undefined || value === null) return null;
  const format = responseFormats.find((known) => known === value);
  if (format !== undefined) return format;
  const shown = JSON.stringify(value);
  const column = 'body.response_format';
  const message = `${column}: received ${quote(shown)}; it takes ${responseFormats.join(', ')}`;
  problems.push(buildProblem('invalid_value', message, { row, column, value: shown }));
  return null;
}

/** Reads the id of the image that the line's job finishes. */
export function readDerivedFrom(
  fields: RawRequest,
  row: number,
  problems: RowProblem[],
): string | null {
  const value = fields['derived_from'];
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && parseImageId(value) !== null) return value;
  const shown = JSON.stringify(value);
  const column = 'derived_from';
  const message = `${column}: received ${quote(shown)}; it takes the id of an image, job_…/0`;
  problems.push(buildProblem('invalid_value', message, { row, column, value: shown }));
  return null;
}

/** Reads the name of the line's picture in the archive. */
export function readFilename(
  fields: RawRequest,
  row: number,
  { filenameCharacters: most }: TabularLimits,
  problems: RowProblem[],
): string | null {
  const value = fields['filename'];
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && isFilename(value) && value.length <= most) return value;
  const shown = JSON.stringify(value);
  const column = 'filename';
  const message =
    `${column}: received ${quote(shown)}; it takes a file name without a folder, of at most ` +
    `${most} characters`;
  problems.push(buildProblem('invalid_value', message, { row, column, value: shown }));
  return null;
}

/**
 * Reads `images` (or `image`), `mask` and `markup` of an edit. Each is `{file_id}`, `{image_url}`
 * or a text.
 */
export function readLineReferences(
  body: RawRequest,
  row: number,
  limits: TabularLimits,
  problems: RowProblem[],
): References {
  const field = body['images'] === undefined && body['image'] !== undefined ? 'image' : 'images';
  const value = body[field];
  const { mask, markup } = body;
  for (const name of [field, 'mask', 'markup']) delete body[name];
  const listed = Array.isArray(value)
    ? (value as unknown[])
    : value === undefined || value === null
      ? []
      : [value];
  const images = listed.map(readReference);
  const column = `body.${field}`;
  if (images.length === 0) {
    problems.push(
      buildProblem(
        'missing_required_parameter',
        `${column}: is missing; an edit takes 1 to ${limits.images} images`,
        { row, column },
      ),
    );
  } else if (images.length > limits.images) {
    const message =
      `${column}: received ${images.length.toLocaleString('en')} images; at most ` +
      `${limits.images} are allowed`;
    problems.push(buildProblem('invalid_value', message, { row, column }));
  } else if (images.includes(undefined)) {
    const shown = JSON.stringify(value);
    const message = `${column}: received ${quote(shown)}; an image is {"file_id": "…"}`;
    problems.push(buildProblem('invalid_value', message, { row, column, value: shown }));
  }
  return {
    images: images.filter((image) => image !== undefined).slice(0, limits.images),
    mask: readOne('mask', mask, row, problems),
    markup: readOne('markup', markup, row, problems),
  };
}

function readOne(
  field: 'mask' | 'markup',
  value: unknown,
  row: number,
  problems: RowProblem[],
): string | null {
  if (value === undefined || value === null) return null;
  const name = readReference(value);
  if (name !== undefined) return name;
  const column = `body.${field}`;
  const shown = JSON.stringify(value);
  const message = `${column}: received ${quote(shown)}; it takes {"file_id": "…"}`;
  problems.push(buildProblem('invalid_value', message, { row, column, value: shown }));
  return null;
}

function readReference(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { file_id: fileId, image_url: url } = value as { file_id?: unknown; image_url?: unknown };
  const [only, ...others] = [fileId, url].filter((name) => name !== undefined && name !== null);
  return others.length === 0 && typeof only === 'string' && only !== '' ? only : undefined;
}
