/** Says what is wrong with an input so that its sender can mend it: the field, what was received and what is allowed. */
import type { z } from 'zod';

export interface InputProblem {
  /** The field, as `metadata.colour` or `images.0`; null for the whole input. */
  param: string | null;
  message: string;
  /** The field itself is not known, so a typo is likely. */
  isUnknownField: boolean;
}

const shownCharacters = 60;

/** @param known the fields of the input's top level, to be offered for one that is not known */
export function describeIssues(error: z.ZodError, known: readonly string[]): InputProblem[] {
  return error.issues.flatMap((issue) => describeIssue(issue, known));
}

function describeIssue(issue: z.core.$ZodIssue, known: readonly string[]): InputProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const offer = issue.path.length === 0 && known.length > 0 ? `; the known fields are ${known.join(', ')}` : '';
    return issue.keys.map((key) => {
      const param = [...issue.path, key].join('.');
      return { param, message: `${param}: is not a known field${offer}`, isUnknownField: true };
    });
  }
  const param = issue.path.length === 0 ? null : issue.path.join('.');
  return [{ param, message: `${param ?? 'the body'}: ${describeValue(issue)}`, isUnknownField: false }];
}

function describeValue(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code === 'invalid_type') return `is missing; it takes ${article(issue.expected)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `received ${show(issue.input)}; it takes ${article(issue.expected)}`;
    case 'invalid_value':
      return `received ${show(issue.input)}; it takes ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `received ${amount(issue.input)}; at most ${issue.maximum.toLocaleString('en')} ${unit(issue.origin)} allowed`;
    case 'too_small':
      return `received ${amount(issue.input)}; at least ${issue.minimum.toLocaleString('en')} ${unit(issue.origin)} needed`;
    default:
      return `received ${show(issue.input)}; it ${issue.message}`;
  }
}

function article(expected: string): string {
  if (expected === 'int') return 'a whole number';
  return `${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`;
}

/** A size is told rather than the value itself: the value is the long one. */
function amount(input: unknown): string {
  if (typeof input === 'string') return `${input.length.toLocaleString('en')} characters`;
  return Array.isArray(input) ? `${input.length} items` : show(input);
}

function unit(origin: string): string {
  if (origin === 'string') return 'characters are';
  return origin === 'array' ? 'items are' : 'is';
}

function show(input: unknown): string {
  const text = JSON.stringify(input) ?? 'nothing';
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
