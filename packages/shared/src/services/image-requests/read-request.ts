/** Translates a request of OpenAI's images API into a job request and the form of its response. */
import { KilnError } from '../../errors.ts';
import {
  editRequestSchema,
  type EditRequest,
  type ImageRequest,
} from '../../schemas/image-request.ts';
import { namesOf } from '../../schemas/request-field.ts';
import { requestFields } from '../../schemas/request-fields.ts';
import { toRefusal } from '../../schemas/refusal.ts';
import type { StreamableJobRequest } from '../../schemas/job-request.ts';

const optionFields: readonly string[] = namesOf(requestFields, ({ sentAs }) => sentAs === 'option');
type OptionField = {
  [Name in keyof typeof requestFields]: (typeof requestFields)[Name]['sentAs'] extends 'option'
    ? Name
    : never;
}[keyof typeof requestFields];

export interface AnswerForm {
  /** Server-sent events instead of one JSON object. */
  isStream: boolean;
  /** How the response contains pictures; events always contain the bytes. */
  pictures: 'b64_json' | 'url';
}

/** Throws `unsupported_parameter` for fields that exclude each other. */
export function readImageRequest(body: ImageRequest): {
  request: StreamableJobRequest;
  form: AnswerForm;
} {
  const given = withoutNulls(body);
  const { stream, partial_images: partialImages, response_format: pictures, ...rest } = given;
  const isStream = stream === true;
  if (isStream) checkStream(given);
  else if (partialImages !== undefined) {
    throw refusal('partial_images', `received ${partialImages}; it requires "stream": true`);
  }
  const { provider_options: options, ...named } = rest;
  const { sentAsOptions: unchecked, parameters } = splitOptions(named);
  const doubled = Object.keys(unchecked).find((name) => options !== undefined && name in options);
  if (doubled !== undefined)
    throw refusal(doubled, 'it is in provider_options as well; remove one of them');
  const extra = { ...options, ...unchecked };
  return {
    request: {
      ...parameters,
      ...(options === undefined && Object.keys(extra).length === 0
        ? {}
        : { provider_options: extra }),
      ...(isStream ? { partial_images: partialImages ?? 0 } : {}),
    },
    form: { isStream, pictures: pictures ?? 'b64_json' },
  };
}

/** Parses a JSON edit here, because the route accepts forms as well and so validates no body. */
export function parseEdit(body: unknown): EditRequest {
  const parsed = editRequestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw toRefusal(parsed.error, body, Object.keys(editRequestSchema.shape));
}

/** Providers stream one picture at a time, and neither gif nor svg. */
function checkStream({ n = 1, output_format: format, response_format: pictures }: Given): void {
  if (n !== 1) throw refusal('n', `received ${n}; with "stream": true it takes 1`);
  if (format === 'gif' || format === 'svg')
    throw refusal(
      'output_format',
      `received "${format}"; with "stream": true it takes png, jpeg, webp`,
    );
  if (pictures === 'url')
    throw refusal('response_format', 'received "url"; with "stream": true it takes b64_json');
}

function refusal(param: string, problem: string): KilnError {
  return new KilnError('unsupported_parameter', `${param}: ${problem}`, { param });
}

type Given = { [Name in keyof ImageRequest]: Exclude<ImageRequest[Name], null> };

function withoutNulls(body: ImageRequest): Given {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)) as Given;
}

/** Separates the fields sent inside `provider_options`, because they are too new to check. */
function splitOptions<Request extends object>(
  request: Request,
): { sentAsOptions: Record<string, unknown>; parameters: Omit<Request, OptionField> } {
  const isOption = (name: string) => optionFields.includes(name);
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return {
    sentAsOptions: Object.fromEntries(given.filter(([name]) => isOption(name))),
    parameters: Object.fromEntries(given.filter(([name]) => !isOption(name))) as Request,
  };
}
