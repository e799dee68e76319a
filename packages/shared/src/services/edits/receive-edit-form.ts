/**
 * Receives the form of an edit, as OpenAI's clients send it: `image` or `image[]`, `mask` and
 * `markup` are files, every other field is text. Pictures are stored and checked while they arrive;
 * if anything is wrong, they are deleted again. Used by `/v1/images/edits` and `/v1/jobs`.
 */
import { markupWithMask, maxSourceBytes } from '../../models/edit-rules.ts';
import { cleanFilename } from '../../domain/file-rules.ts';
import { count, maxMaskBytes } from '../../models/picture-rules.ts';
import { KilnError } from '../../errors.ts';
import { requestFields } from '../../schemas/request-fields.ts';
import { maxImages } from '../../schemas/source.ts';
import {
  discardSources,
  listReceived,
  receiveSource,
  type ReceivedSources,
  type SourceDeps,
} from './source-files.ts';
import { addField } from '../files/upload-file.ts';
import type { FormPart } from '../files/form-part.ts';

export interface ReceivedEdit {
  /** The texts of the form, not parsed yet. */
  fields: ReadonlyMap<string, string>;
  /** Pass them to `submitEdit`, or to `discardSources` if the request is not submitted. */
  sources: ReceivedSources;
}

const { images: imageField, mask: maskField, markup: markupField } = requestFields;
const imageFields: readonly string[] = imageField.formNames;
const fileFields = [imageField, maskField, markupField].flatMap(({ formNames }) => [...formNames]);
/**
 * The limit of all texts of a form together, because memory holds them until its end. It is the
 * limit of a JSON body without pictures.
 */
const maxTextBytes = 1_048_576;

/**
 * Throws the errors of `receiveSource` and `parts`, `unknown_parameter` for a file in another
 * field,
 * `invalid_request` for too many files, `body_too_large` for too much text, and
 * `unsupported_parameter` for both mask and markup. Nothing stays stored then.
 */
export async function receiveEditForm(
  deps: SourceDeps,
  projectId: string,
  parts: AsyncIterable<FormPart>,
): Promise<ReceivedEdit> {
  const fields = new Map<string, string>();
  let textBytes = 0;
  const sources: ReceivedSources = { images: [], mask: null, markup: null };
  try {
    for await (const part of parts) {
      if (part.kind === 'file') {
        await addFile(deps, sources, part);
        continue;
      }
      addField(fields, part, fileFields);
      textBytes += Buffer.byteLength(part.value);
      if (textBytes > maxTextBytes)
        throw new KilnError(
          'body_too_large',
          `${part.name}: with this field the texts of the form exceed ${count(maxTextBytes)} ` +
            'bytes; shorten them',
          { param: part.name },
        );
    }
    return { fields, sources };
  } catch (error) {
    await discardSources(deps, projectId, listReceived(sources));
    throw error;
  }
}

async function addFile(
  deps: SourceDeps,
  sources: ReceivedSources,
  { name, filename, bytes }: Extract<FormPart, { kind: 'file' }>,
): Promise<void> {
  const sum = listReceived(sources).reduce((total, source) => total + source.bytes, 0);
  const receive = () =>
    receiveSource(deps, name, cleanFilename(filename), withinLimits(bytes, name, sum));
  const refuse = (reason: string) =>
    new KilnError('invalid_request', `${name}: ${reason}`, { param: name });
  if (imageFields.includes(name)) {
    if (sources.images.length >= maxImages) throw refuse(`at most ${maxImages} images are allowed`);
    sources.images.push(await receive());
  } else if (name === 'mask' || name === 'markup') {
    if (sources[name] !== null) throw refuse('received two files; send one');
    if (sources.mask !== null || sources.markup !== null)
      throw new KilnError('unsupported_parameter', markupWithMask, { param: 'markup' });
    sources[name] = await receive();
  } else {
    throw new KilnError(
      'unknown_parameter',
      `${name}: unexpected file field; expected ${fileFields.join(', ')}`,
      { param: name },
    );
  }
}

/**
 * Refuses too many bytes as soon as they arrive, before the picture has been stored and checked.
 */
async function* withinLimits(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  before: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (name === 'mask' && size >= maxMaskBytes)
      throw new KilnError(
        'mask_too_large',
        `mask: received ${count(maxMaskBytes)} bytes or more; a mask must have fewer`,
        { param: 'mask' },
      );
    if (before + size > maxSourceBytes)
      throw new KilnError(
        'file_too_large',
        'images: received more bytes than the pictures of an edit may have together, ' +
          count(maxSourceBytes),
        { param: 'images' },
      );
    yield chunk;
  }
}
