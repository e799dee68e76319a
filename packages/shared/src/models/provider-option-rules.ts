/**
 * What `provider_options` may not hold. It is merged into the provider's request unchecked, so it
 * must not contradict what Kiln sends, counts and charges.
 */
import type { JobRequest } from '../schemas/job-request.ts';
import { namesOf, type RequestFields } from '../schemas/request-field.ts';
import { requestFields } from '../schemas/request-fields.ts';
import type { JobFindings, JobProblem } from './job-findings.ts';

export function checkProviderOptions(
  request: JobRequest,
  fields: RequestFields = requestFields,
): JobFindings {
  const options = request.provider_options;
  if (options === undefined) return { problems: [], warnings: [] };
  const reserved = listReservedNames(fields);
  const sent = namesOf(fields, ({ sentAs }) => sentAs === 'parameter');
  const keys = Object.keys(options);
  const problems = keys.flatMap((key): JobProblem[] => {
    const param = `provider_options.${key}`;
    if (reserved.has(key)) {
      return [{ param, message: `${param}: received a value, but ${describeOwner(key)}` }];
    }
    if (!sent.includes(key) || request[key as keyof JobRequest] === undefined) return [];
    const message = `${param}: received a value, but the request also sets ${key}; remove one`;
    return [{ param, message }];
  });
  const message =
    `provider_options: ${keys.join(', ') || 'an empty object'} will be sent to the provider ` +
    'unchecked';
  return { problems, warnings: [{ code: 'provider_options', message }] };
}

function describeOwner(key: string): string {
  return key === 'response_format'
    ? 'how the provider answers is a setting of the deployment: set its response_format in ' +
        'KILN_DEPLOYMENTS'
    : `Kiln sets ${key} itself; leave it out here`;
}

/**
 * Names that only Kiln may set: reserved fields, and pictures under each name a form has for them.
 */
function listReservedNames(fields: RequestFields): ReadonlySet<string> {
  return new Set(
    Object.entries(fields).flatMap(([name, field]) =>
      field.text === 'file' ? [name, ...field.formNames] : field.isReserved === true ? [name] : [],
    ),
  );
}
