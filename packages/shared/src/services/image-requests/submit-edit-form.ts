/**
 * Submits an edit sent as a form, as OpenAI's clients do; its pictures are stored as they arrive.
 */
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

/** Limit of one picture in bytes, for the parser of the form. */
export const largestPicture = uploadLimits.vision;

/**
 * Throws like `receiveEditForm` and `submitEdit`, and for invalid fields; no picture stays stored
 * then.
 * @param resolveModel resolves the form's `model`
 */
export async function submitEditForm(
  deps: JobDeps,
  caller: Caller,
  parts: AsyncIterable<FormPart>,
  key: string | null,
  resolveModel: (asked: string | undefined) => string | undefined,
): Promise<{ submission: Submission; form: AnswerForm }> {
  const received = await receiveEditForm(deps, caller.projectId, parts);
  const { request, form } = await readOrForget(deps, caller, received, resolveModel);
  const { sources } = received;
  // OpenAI's clients know no offers.
  const dedupe = (request.dedupe ?? deps.config.dedupe) === 'reuse' ? 'reuse' : 'off';
  const asked = { ...request, dedupe } as const;
  const submission = await submitEdit(deps, caller, asked, key, {
    received: sources,
    identity: request,
  });
  if (submission.status === 'offered') throw new Error('an offer was made that was not asked for');
  return { submission, form };
}

async function readOrForget(
  deps: JobDeps,
  caller: Caller,
  { fields, sources }: ReceivedEdit,
  resolveModel: (asked: string | undefined) => string | undefined,
) {
  try {
    if (sources.images.length === 0)
      throw new KilnError(
        'invalid_request',
        'image: missing; send one file, or several as image[]',
        {
          param: 'image',
        },
      );
    const { request, form } = readImageRequest(parseFields(fields));
    return { request: { ...request, model: resolveModel(request.model) }, form };
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
