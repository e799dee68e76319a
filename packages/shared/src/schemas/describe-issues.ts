/**
 * Says what is wrong with an input so that its sender can mend it: the field, what was received and
 * what is allowed.
 */
import type { z } from 'zod';

export interface InputProblem {
  /** The field, as `metadata.colour` or `images.0`; null for the whole input. */
  param: string | null;
  message: string;
  /** The field itself is not known, so a typo is likely. */
  isUnknownField: boolean;
}

const shownCharacters = 60;
/** A name that is longer than any of ours is told by its beginning. */
const namedCharacters = 100;

/**
 * @param input what was parsed, as it came: a value that zod has converted on the way is no longer
 * what its sender wrote
 * @param known the fields of the input's top level, to be offered for one that is not known
 */
export function describeIssues(
  error: z.ZodError,
  input: unknown,
  known: readonly string[],
): InputProblem[] {
  return error.issues.flatMap((issue) => describeIssue(issue, input, known));
}

function describeIssue(
  issue: z.core.$ZodIssue,
  input: unknown,
  known: readonly string[],
): InputProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const offer =
      issue.path.length === 0 && known.length > 0
        ? `; the known fields are ${known.join(', ')}`
        : '';
    return issue.keys.map((key) => {
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

/** What is wrong with the name of a field whose name the caller chooses. */
function describeKey(issue: z.core.$ZodIssueInvalidKey): string {
  const key = String(issue.path.at(-1) ?? '');
  return issue.issues
    .map((inner) => describeValue(inner, key).replace(/^received /, 'received a key of '))
    .join('; ');
}

function describeValue(issue: z.core.$ZodIssue, received: unknown): string {
  // A request without a body is handed to its schema as null.
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
      return `received ${amount(received, issue.origin)}; at most ${issue.maximum.toLocaleString('en')} ${unit(issue.origin, issue.maximum)} allowed`;
    case 'too_small':
      return `received ${amount(received, issue.origin)}; at least ${issue.minimum.toLocaleString('en')} ${unit(issue.origin, issue.minimum)} needed`;
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
  return name.length > namedCharacters ? `${name.slice(0, namedCharacters)}…` : name;
}

function article(expected: string): string {
  if (expected === 'int') return 'a whole number';
  // What zod calls a record is an object in JSON.
  const named = expected === 'record' ? 'object' : expected;
  return `${/^[aeiou]/.test(named) ? 'an' : 'a'} ${named}`;
}

/** A size is told rather than the value itself: the value is the long one. */
function amount(received: unknown, origin: string): string {
  // By code points, as zod measures: an emoji is one character.
  if (origin === 'string' && typeof received === 'string')
    return count(Array.from(received).length, 'character');
  return Array.isArray(received) ? count(received.length, 'item') : show(received);
}

function unit(origin: string, limit: number | bigint): string {
  if (origin !== 'string' && origin !== 'array') return 'is';
  const name = origin === 'string' ? 'character' : 'item';
  return limit === 1 ? `${name} is` : `${name}s are`;
}

function count(size: number, name: string): string {
  return `${size.toLocaleString('en')} ${name}${size === 1 ? '' : 's'}`;
}

function show(received: unknown): string {
  const text = JSON.stringify(received) ?? 'nothing';
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
