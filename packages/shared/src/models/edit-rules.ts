/**
 * Rules of edits: which fields go together, and what model and provider take. What a picture must
 * be like by itself is `picture-rules.ts`.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import type { ModelFacts, Provider } from './model-table.ts';
import type { PictureFormat } from '../domain/picture-formats.ts';
import type { JobFindings, JobProblem, JobTarget } from './job-findings.ts';

/** The bytes of all pictures of one job, masks among them. */
export const maxSourceBytes = 200_000_000;

export const markupWithMask = 'markup: received besides a mask; leave one of them out';

/** What the providers' edits take as sources. */
const sourceFormats: Readonly<Record<Provider, readonly PictureFormat[]>> = {
  azure: ['png', 'jpeg'],
  openai: ['png', 'jpeg', 'webp'],
};

/** Fields that only an edit has. */
const editOnlyFields = [
  'mask',
  'markup',
  'input_fidelity',
] as const satisfies readonly (keyof JobRequest)[];

export function checkEdit(
  request: JobRequest,
  model: ModelFacts | null,
  { provider, sources }: JobTarget,
): JobFindings {
  const problems =
    request.images === undefined
      ? editOnlyFields.flatMap((field) => checkAlone(request, field))
      : [
          ...checkFidelity(request, model),
          ...checkMarkup(request, model),
          ...checkOutput(request),
          ...(sources ?? []).flatMap(({ format }, index) => checkFormat(format, index, provider)),
        ];
  return { problems, warnings: [] };
}

function checkAlone(request: JobRequest, field: (typeof editOnlyFields)[number]): JobProblem[] {
  if (request[field] === undefined) return [];
  return [
    {
      param: field,
      message: `${field}: is for edits, and there are no images; add images, or leave it out`,
    },
  ];
}

function checkFidelity(
  { input_fidelity: fidelity }: JobRequest,
  model: ModelFacts | null,
): JobProblem[] {
  if (fidelity === undefined || !model || model.inputFidelity.includes(fidelity)) return [];
  const allowed =
    model.inputFidelity.length === 0
      ? `${model.id} does not take the field; leave it out`
      : `${model.id} takes ${model.inputFidelity.join(', ')}`;
  return [
    { param: 'input_fidelity', message: `input_fidelity: received "${fidelity}"; ${allowed}` },
  ];
}

function checkMarkup({ markup, mask }: JobRequest, model: ModelFacts | null): JobProblem[] {
  if (markup === undefined) return [];
  if (mask !== undefined) return [{ param: 'markup', message: markupWithMask }];
  if (!model || model.markup) return [];
  return [
    { param: 'markup', message: `markup: ${model.id} does not take the field; leave it out` },
  ];
}

function checkOutput({ output_format: format }: JobRequest): JobProblem[] {
  if (format !== 'svg') return [];
  return [
    { param: 'output_format', message: 'output_format: received "svg", which edits do not give' },
  ];
}

function checkFormat(format: PictureFormat, index: number, provider: Provider): JobProblem[] {
  const taken = sourceFormats[provider];
  if (taken.includes(format)) return [];
  const where = provider === 'azure' ? 'Azure' : 'OpenAI';
  const param = `images.${index}`;
  return [
    { param, message: `${param}: is a ${format}; edits on ${where} take ${taken.join(' or ')}` },
  ];
}
