/**
 * Headers and query parameters that a deployment adds to each request, for gateways such as API
 * Management, Portkey or Helicone. A value may name variables, `${NAME}`, so that a secret need not
 * stand in the file. Messages never repeat a value.
 */
import type { Environment } from './environment.ts';
import { readVariable } from './secret-files.ts';

/** Headers that describe the connection or the body, which only the HTTP client knows. */
const setByClient = [
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'upgrade',
  'te',
  'trailer',
  'expect',
];
/** Headers that Kiln sets for every call. */
const setByKiln = [
  'accept',
  'accept-encoding',
  'x-kiln-job-id',
  'x-kiln-attempt-id',
  'x-client-request-id',
  'x-ms-client-request-id',
];
const maxAdditions = 50;
const maxValueLength = 8_192;

export type Additions = Readonly<Record<string, string | number | boolean>>;

/** Calls `report` with each mistake. Returns the headers with lower-case names. */
export function readHeaders(
  given: Additions,
  environment: Environment,
  report: (message: string) => void,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of readAdditions('headers', given, environment, report)) {
    const lower = name.toLowerCase();
    const refuse = (why: string) => report(`.headers.${name}: ${why}`);
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,200}$/.test(lower))
      refuse('is not the name of a header; use letters, digits and hyphens');
    else if (setByClient.includes(lower)) refuse('is set by the HTTP client; leave it out');
    else if (setByKiln.includes(lower)) refuse('is set by Kiln for every call; leave it out');
    else if (lower in headers) refuse('is given twice; names differ in more than upper case');
    else if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(value))
      refuse('has an empty value, or one with characters that a header cannot have');
    else headers[lower] = value;
  }
  return headers;
}

export function readQuery(
  given: Additions,
  environment: Environment,
  report: (message: string) => void,
): Record<string, string> {
  return Object.fromEntries(readAdditions('query', given, environment, report));
}

function readAdditions(
  field: 'headers' | 'query',
  given: Additions,
  environment: Environment,
  report: (message: string) => void,
): [name: string, value: string][] {
  const entries = Object.entries(given);
  if (entries.length > maxAdditions)
    report(`.${field}: has ${entries.length} entries; at most ${maxAdditions} are allowed`);
  return entries.map(([name, value]) => {
    const text = fillIn(String(value), environment, (why) => report(`.${field}.${name}: ${why}`));
    if (text.length > maxValueLength)
      report(
        `.${field}.${name}: has ${text.length} characters; at most ${maxValueLength} are allowed`,
      );
    return [name, text];
  });
}

/** Replaces each `${NAME}` by the variable's value. */
export function fillIn(
  template: string,
  environment: Environment,
  report: (why: string) => void,
): string {
  const text = template.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      report('names a variable that cannot exist; write ${NAME} with letters, digits and _');
      return '';
    }
    const value = readVariable(environment, name, report);
    if (value === '') report(`the variable ${name} is not set`);
    return value;
  });
  if (/^\$[A-Za-z_]\w*$/.test(template))
    report('names a variable without braces; write it as ${NAME}');
  if (text === template && template.includes('${'))
    report('has "${" without "}"; a variable is written as ${NAME}');
  return text.trim();
}
