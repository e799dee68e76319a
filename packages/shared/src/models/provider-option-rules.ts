/**
 * What `provider_options` may not hold. It is merged into the provider's request unchecked, so it
 * must not contradict what Kiln sends, counts and charges: no field that Kiln knows itself, whether
 * the request sets it or not, and however the name is written.
 */
import { normaliseText } from '../domain/text/normalise-text.ts';
import type { JobRequest } from '../schemas/job-request.ts';
import { namesOf, type RequestFields } from '../schemas/request-field.ts';
import { requestFields } from '../schemas/request-fields.ts';
import type { JobFindings, JobProblem } from './job-findings.ts';

/** Names of ours are far shorter than what is read of a name. */
const readCharacters = 500;
/** Names of options that the warning lists; it only counts the others. */
const namedOptions = 10;

export function checkProviderOptions(
  request: JobRequest,
  fields: RequestFields = requestFields,
): JobFindings {
  const options = request.provider_options;
  if (options === undefined) return { problems: [], warnings: [] };
  const known = listKnownNames(fields);
  const keys = Object.keys(options);
  const problems = keys.flatMap((key): JobProblem[] => {
    const name = spellingsOf(key).find((spelling) => known.has(spelling));
    if (name === undefined) return [];
    const param = `provider_options.${key}`;
    return [{ param, message: `${param}: received a value, but ${describeOwner(name, fields)}` }];
  });
  const message = `provider_options: ${listNames(keys)} will be sent to the provider unchecked`;
  return { problems, warnings: [{ code: 'provider_options', message }] };
}

const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The names that a provider may read in this one: it may ignore white space, what is not
 * seen, upper case and brackets, or read `svg[model]` as a member of `svg`.
 */
function spellingsOf(key: string): string[] {
  const start = key.replaceAll(invisible, '').trim().slice(0, readCharacters);
  const plain = normaliseText(start, 'NFKC').toLowerCase();
  return [plain.replaceAll(/[[\]]/g, ''), plain.split('[')[0] ?? ''].map((name) => name.trim());
}

function describeOwner(name: string, fields: RequestFields): string {
  if (name === 'response_format')
    return (
      'how the provider answers is a setting of the deployment: set its response_format in ' +
      'KILN_DEPLOYMENTS'
    );
  return fields[name]?.sentAs === 'parameter'
    ? `Kiln checks and counts ${name}; set it as a field of the request instead`
    : `Kiln sets ${name} itself; leave it out here`;
}

/**
 * Fields of requests, and pictures under each name that a form has for them. Fields that are sent
 * inside `provider_options` anyway may be named there.
 */
function listKnownNames(fields: RequestFields): ReadonlySet<string> {
  const names = namesOf(fields, ({ sentAs }) => sentAs !== 'option');
  const pictures = Object.values(fields).flatMap((field) =>
    field.text === 'file' ? field.formNames : [],
  );
  return new Set([...names, ...pictures].flatMap(spellingsOf));
}

/** Names are the caller's own: the sentence has only the first of them, each cut. */
function listNames(keys: readonly string[]): string {
  if (keys.length === 0) return 'an empty object';
  const rest = keys.length - namedOptions;
  return keys.slice(0, namedOptions).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
