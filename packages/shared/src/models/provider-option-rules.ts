/**
 * What `provider_options` may not hold: it is merged into the provider's request, so it must never
 * contradict what Kiln counts and charges.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import type { JobFindings } from './job-findings.ts';

/** Kiln sets these itself: they decide what is asked, how often, and how the answer is read. */
const reservedKeys = [
  'prompt',
  'model',
  'n',
  'stream',
  'partial_images',
  'response_format',
  'image',
  'image[]',
  'images',
  'mask',
  'markup',
];

/** Fields of a job that are sent to the provider under the same name. */
const sentKeys = [
  'size',
  'quality',
  'background',
  'output_format',
  'output_compression',
  'moderation',
  'input_fidelity',
  'user',
  'safety_identifier',
] as const satisfies readonly (keyof JobRequest)[];

export function checkProviderOptions(request: JobRequest): JobFindings {
  const options = request.provider_options;
  if (options === undefined) return { problems: [], warnings: [] };
  const keys = Object.keys(options);
  const problems = keys.flatMap((key) => {
    const param = `provider_options.${key}`;
    if (reservedKeys.includes(key)) {
      return [
        {
          param,
          message: `${param}: received a value, but Kiln sets ${key} itself; leave it out here`,
        },
      ];
    }
    const sent = sentKeys.find((name) => name === key);
    if (sent === undefined || request[sent] === undefined) return [];
    return [
      {
        param,
        message: `${param}: received a value, but the request sets ${key} as well; leave one of them out`,
      },
    ];
  });
  const message = `provider_options: ${keys.join(', ') || 'an empty object'} will be sent to the provider unchecked`;
  return { problems, warnings: [{ code: 'provider_options', message }] };
}
