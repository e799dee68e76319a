/** An edit as OpenAI's clients send it: a form whose pictures are stored as they come. */
import { uploadLimits } from '../../domain/file-rules.ts';
import { KilnError } from '../../errors.ts';
import { editFieldsSchema } from '../../schemas/image-request.ts';
import { readFormFields } from '../../schemas/form-fields.ts';
import { readFieldText } from '../../schemas/read-field-text.ts';
import { requestFields } from '../../schemas/request-fields.ts';
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

function parseFields(fields: ReadonlyMap<string, string>) {
  const input = readFormFields(fields, readFieldText);
  const parsed = editFieldsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const files = Object.values(requestFields).flatMap((field) =>
    field.text === 'file' ? [...field.formNames] : [],
  );
  throw toRefusal(parsed.error, input, [...files, ...Object.keys(editFieldsSchema.shape)]);
}
