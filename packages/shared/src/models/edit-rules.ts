/**
 * Rules of edits: which fields go together, and what the model and the provider take. Rules of a
 * single picture are in `picture-rules.ts`.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import type { RequestFields } from '../schemas/request-field.ts';
import { requestFields } from '../schemas/request-fields.ts';
import { listEditOnlyFields } from './model-fields.ts';
import type { ModelFacts, Provider } from './model-table.ts';
import type { PictureFormat } from '../domain/picture-formats.ts';
import type { JobFindings, JobProblem, JobTarget } from './job-findings.ts';

/** The most bytes that all pictures of one job may have together, masks included. */
export const maxSourceBytes = 200_000_000;

export const markupWithMask = 'markup: received together with a mask; leave one of them out';

/** The formats of source pictures that each provider takes. */
const sourceFormats: Readonly<Record<Provider, readonly PictureFormat[]>> = {
  azure: ['png', 'jpeg'],
  openai: ['png', 'jpeg', 'webp'],
};

export function checkEdit(
  request: JobRequest,
  model: ModelFacts | null,
  { provider, sources }: JobTarget,
  fields: RequestFields = requestFields,
): JobFindings {
  const problems =
    request.images === undefined
      ? listEditOnlyFields(fields).flatMap((field) => checkAlone(request, field))
      : [
          ...checkFidelity(request, model),
          ...checkMarkup(request),
          ...(sources ?? []).flatMap(({ format }, index) => checkFormat(format, index, provider)),
        ];
  return { problems, warnings: [] };
}

function checkAlone(request: JobRequest, field: string): JobProblem[] {
  if (request[field as keyof JobRequest] === undefined) return [];
  return [
    {
      param: field,
      message:
        `${field}: received without images, and only edits take it; add images, or leave it ` +
        'out',
    },
  ];
}

function checkFidelity(
  { input_fidelity: fidelity }: JobRequest,
  model: ModelFacts | null,
): JobProblem[] {
  if (fidelity === undefined || !model || model.inputFidelity.length === 0) return [];
  if (model.inputFidelity.includes(fidelity)) return [];
  const message =
    `input_fidelity: received "${fidelity}"; ${model.id} ` +
    `takes ${model.inputFidelity.join(', ')}`;
  return [{ param: 'input_fidelity', message }];
}

function checkMarkup({ markup, mask }: JobRequest): JobProblem[] {
  if (markup === undefined || mask === undefined) return [];
  return [{ param: 'markup', message: markupWithMask }];
}

function checkFormat(format: PictureFormat, index: number, provider: Provider): JobProblem[] {
  const allowed = sourceFormats[provider];
  if (allowed.includes(format)) return [];
  const where = provider === 'azure' ? 'Azure' : 'OpenAI';
  const param = `images.${index}`;
  return [
    {
      param,
      message: `${param}: received a ${format}; edits on ${where} take ${allowed.join(' or ')}`,
    },
  ];
}
