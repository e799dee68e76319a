/**
 * The form of an edit, as OpenAI's clients send it: `image` or `image[]`, `mask` and `markup` are
 * files, everything else is text.
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
  /** As they came: whoever knows the request's schema reads them. */
  fields: ReadonlyMap<string, string>;
  /** Hand them to `submitEdit`, or to `discardSources`. */
  sources: ReceivedSources;
}

const { images: imageField, mask: maskField, markup: markupField } = requestFields;
const imageFields: readonly string[] = imageField.formNames;
const fileFields = [imageField, maskField, markupField].flatMap(({ formNames }) => [...formNames]);
/**
 * Of all texts of a form together, which are held until its end: as many as a body without pictures
 * has.
 */
const maxTextBytes = 1_048_576;

/**
 * The pictures are stored and looked at as they come. Throws as `receiveSource` does,
 * `unknown_parameter` for another file, `invalid_request` for one too many, `body_too_large` for
 * too much text, `unsupported_parameter` for markup besides a mask, and whatever `parts` throws;
 * then nothing stays stored.
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
          `${part.name}: the texts of the form come to more than ${count(maxTextBytes)} bytes here, which is the most they have`,
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
    if (sources[name] !== null) throw refuse('came twice; one is taken');
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
 * What is too much whatever else comes, as soon as it is: not after all of it was stored and looked
 * at.
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
        `mask: has ${count(maxMaskBytes)} bytes or more; a mask has fewer than ${count(maxMaskBytes)}`,
        { param: 'mask' },
      );
    if (before + size > maxSourceBytes)
      throw new KilnError(
        'file_too_large',
        `images: come to more than ${count(maxSourceBytes)} bytes, which is the most that all pictures of an edit have`,
        { param: 'images' },
      );
    yield chunk;
  }
}
