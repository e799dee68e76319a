/** An edit as OpenAI's clients send it: a form whose pictures are stored as they come. */
import { uploadLimits } from '../../domain/file-rules.ts';
import { KilnError } from '../../errors.ts';
import { editFieldsSchema } from '../../schemas/image-request.ts';
import { toRefusal } from '../../schemas/refusal.ts';
import { receiveEditForm, type ReceivedEdit } from '../edits/receive-edit-form.ts';
import { discardSources, listReceived } from '../edits/source-files.ts';
import { submitEdit } from '../jobs/submit-edit.ts';
import { readImageRequest, type AnswerForm } from './read-request.ts';
import type { Caller } from '../caller.ts';
import type { JobDeps, Submission } from '../jobs/job-deps.ts';
import type { FormPart } from '../files/form-part.ts';

/** For whoever takes the form apart. */
export const largestPicture = uploadLimits.vision;

/**
 * Throws as `receiveEditForm` and `submitEdit` do, and for what is wrong with the fields; then
 * nothing stays stored.
 * @param meant the model that the form's `model` stands for
 */
export async function submitEditForm(
  deps: JobDeps,
  caller: Caller,
  parts: AsyncIterable<FormPart>,
  key: string | null,
  meant: (asked: string | undefined) => string | undefined,
): Promise<{ submission: Submission; form: AnswerForm }> {
  const received = await receiveEditForm(deps, caller.projectId, parts);
  const { request, form } = await readOrForget(deps, caller, received, meant);
  return { submission: await submitEdit(deps, caller, request, key, received.sources), form };
}

async function readOrForget(
  deps: JobDeps,
  caller: Caller,
  { fields, sources }: ReceivedEdit,
  meant: (asked: string | undefined) => string | undefined,
) {
  try {
    if (sources.images.length === 0)
      throw new KilnError(
        'invalid_request',
        'image: is missing; it takes one file, or several as image[]',
        {
          param: 'image',
        },
      );
    const { request, form } = readImageRequest(parseFields(fields));
    return { request: { ...request, model: meant(request.model) }, form };
  } catch (error) {
    await discardSources(deps, caller.projectId, listReceived(sources));
    throw error;
  }
}

/**
 * A form has text only: what it stands for follows from the field. `a[b]` is the member b of the
 * object a.
 */
function parseFields(fields: ReadonlyMap<string, string>) {
  const input: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of fields) {
    const [, outer, inner] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) input[name] = readText(name, value);
    else input[outer] = { ...(input[outer] as object | undefined), [inner]: value };
  }
  const parsed = editFieldsSchema.safeParse({ ...input });
  if (parsed.success) return parsed.data;
  throw toRefusal(parsed.error, input, [
    'image',
    'mask',
    'markup',
    ...Object.keys(editFieldsSchema.shape),
  ]);
}

const numbers = ['n', 'output_compression', 'partial_images', 'frame_count', 'frame_duration_ms'];
const objects = ['metadata', 'provider_options'];

/** What cannot be read is left as it is, to be told with what the field takes. */
function readText(name: string, value: string): unknown {
  if (numbers.includes(name)) return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (name === 'stream') return value === 'true' ? true : value === 'false' ? false : value;
  return objects.includes(name) ? readJson(value) : value;
}

function readJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value; // refused as the text it is
  }
}
