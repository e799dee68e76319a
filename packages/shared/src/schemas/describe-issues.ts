/**
 * Describes why an input is invalid, so that its sender can correct it: the field, the received
 * value and the allowed values. zod reports each issue by path and kind; this file turns it into
 * one sentence of fixed form. Values and names are cut, so that a message stays short whatever was
 * sent. Used by `refusal.ts` for the API and by `tabular/` for rows.
 */
import type { z } from 'zod';
import { shorten } from './text.ts';

export interface InputProblem {
  /** The path of the field, such as `metadata.colour` or `images.0`; null for the whole input. */
  param: string | null;
  message: string;
  /** The input has a field that the schema does not know, probably a typing mistake. */
  isUnknownField: boolean;
}

const shownCharacters = 60;
/** Longer names are cut; none of ours is that long. */
const namedCharacters = 100;

/**
 * @param input the input before parsing: zod may have converted a value since
 * @param known the fields of the top level, listed in the message about an unknown field
 * @param most how many problems to describe: a large input may have thousands
 */
export function describeIssues(
  error: z.ZodError,
  input: unknown,
  known: readonly string[],
  most = Number.POSITIVE_INFINITY,
): InputProblem[] {
  const problems: InputProblem[] = [];
  for (const issue of error.issues) {
    const left = most - problems.length;
    if (left <= 0) break;
    problems.push(...describeIssue(issue, input, known, left));
  }
  return problems;
}

/** How many problems `describeIssues` describes if there is no limit. */
export function countIssues(error: z.ZodError): number {
  return error.issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
}

function describeIssue(
  issue: z.core.$ZodIssue,
  input: unknown,
  known: readonly string[],
  most: number,
): InputProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const offer =
      issue.path.length === 0 && known.length > 0
        ? `; the known fields are ${known.join(', ')}`
        : '';
    return issue.keys.slice(0, most).map((key) => {
      const param = nameOf([...issue.path, key]);
      return { param, message: `${param}: is not a known field${offer}`, isUnknownField: true };
    });
  }
  const param = issue.path.length === 0 ? null : nameOf(issue.path);
  const description =
    issue.code === 'invalid_key'
      ? describeKey(issue)
      : describeValue(issue, valueAt(input, issue.path));
  return [{ param, message: `${param ?? 'the body'}: ${description}`, isUnknownField: false }];
}

/** Describes an invalid key of a record, whose keys the caller chooses. */
function describeKey(issue: z.core.$ZodIssueInvalidKey): string {
  const key = String(issue.path.at(-1) ?? '');
  return issue.issues
    .map((inner) => describeValue(inner, key).replace(/^received /, 'received a key of '))
    .join('; ');
}

function describeValue(issue: z.core.$ZodIssue, received: unknown): string {
  // The schema receives null when a request has no body.
  const isMissing = received === undefined || (received === null && issue.path.length === 0);
  if (isMissing && issue.code === 'invalid_type')
    return `is missing; it takes ${article(issue.expected)}`;
  if (isMissing && issue.code === 'invalid_value')
    return `is missing; it takes ${issue.values.map(String).join(', ')}`;
  switch (issue.code) {
    case 'invalid_type':
      return `received ${show(received)}; it takes ${article(issue.expected)}`;
    case 'invalid_value':
      return `received ${show(received)}; it takes ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return (
        `received ${amount(received, issue.origin)}; at most ` +
        `${limit(issue.maximum, issue.origin)} allowed`
      );
    case 'too_small':
      return (
        `received ${amount(received, issue.origin)}; at least ` +
        `${limit(issue.minimum, issue.origin)} needed`
      );
    default:
      return `received ${show(received)}; it ${issue.message}`;
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined,
    input,
  );
}

function nameOf(path: readonly PropertyKey[]): string {
  const name = path.map(String).join('.');
  return shorten(name, namedCharacters);
}

function article(expected: string): string {
  if (expected === 'int') return 'a whole number';
  // zod calls it a record; in JSON it is an object.
  const named = expected === 'record' ? 'object' : expected;
  return `${/^[aeiou]/.test(named) ? 'an' : 'a'} ${named}`;
}

/** Shows the length of a text or list instead of its value, which may be very long. */
function amount(received: unknown, origin: string): string {
  // zod counts code points, so an emoji is one character.
  if (origin === 'string' && typeof received === 'string')
    return count(Array.from(received).length, 'character');
  return Array.isArray(received) ? count(received.length, 'item') : show(received);
}

function limit(bound: number | bigint, origin: string): string {
  const number = bound.toLocaleString('en');
  if (origin !== 'string' && origin !== 'array') return `${number} is`;
  const name = origin === 'string' ? 'character' : 'item';
  return bound === 1 ? `${number} ${name} is` : `${number} ${name}s are`;
}

function count(size: number, name: string): string {
  return `${size.toLocaleString('en')} ${name}${size === 1 ? '' : 's'}`;
}

function show(received: unknown): string {
  const text = JSON.stringify(received) ?? 'nothing';
  return shorten(text, shownCharacters);
}
