/** Kinds of checks for one parameter; each returns the first problem, or null. */
import type { ModelRules } from '../models.ts';
import { isBody, isSet, readText, type Body } from './body.ts';
import {
  invalidValue,
  missingParameter,
  unknownParameter,
  unsupportedValue,
  wrongType,
  type Problem,
} from './problem.ts';
import { parseSize } from './size.ts';

export interface CheckContext {
  provider: 'azure' | 'openai';
  rules: ModelRules;
}

export type Check = (value: unknown, param: string, context: CheckContext) => Problem | null;

export function oneOf(choose: (context: CheckContext) => readonly string[]): Check {
  return (value, param, context) => {
    if (typeof value !== 'string') return wrongType(param, 'a string', value);
    const supported = choose(context);
    return supported.includes(value) ? null : unsupportedValue(param, value, supported);
  };
}

export function wholeNumber(min: number, max: number): Check {
  return (value, param) => {
    if (typeof value !== 'number' || !Number.isInteger(value))
      return wrongType(param, 'an integer', value);
    if (value > max)
      return outside(param, value, 'above maximum', `<= ${max}`, 'integer_above_max_value');
    if (value < min)
      return outside(param, value, 'below minimum', `>= ${min}`, 'integer_below_min_value');
    return null;
  };
}

export function text(maxLength: number, minLength = 0): Check {
  return (value, param) => {
    if (typeof value !== 'string') return wrongType(param, 'a string', value);
    if (value.length < minLength) {
      const message =
        `Invalid '${param}': empty string. Expected a string with minimum length` +
        ` ${minLength}, but got an empty string instead.`;
      return { message, param, code: 'empty_string' };
    }
    const length = countCharacters(value);
    if (length <= maxLength) return null;
    const message =
      `Invalid '${param}': string too long. Expected a string with maximum length` +
      ` ${maxLength}, but got a string with length ${length} instead.`;
    return { message, param, code: 'string_above_max_length' };
  };
}

export const size: Check = (value, param, { rules }) => {
  if (typeof value !== 'string') return wrongType(param, 'a string', value);
  const parsed = parseSize(value, rules);
  return 'code' in parsed ? parsed : null;
};

export const trueOrFalse: Check = (value, param) =>
  typeof value === 'boolean' ? null : wrongType(param, 'a boolean', value);

/** Parameters of one output format. */
const formatParameters = [
  ['svg', 'svg'],
  ['frame_count', 'gif'],
  ['frame_duration_ms', 'gif'],
] as const;

/** Rules between parameters, for values that are valid on their own. */
export function checkTogether(body: Body): Problem | null {
  if (!isSet(body, 'prompt')) return missingParameter('prompt');
  const format = readText(body, 'output_format', 'png');
  if (isSet(body, 'output_compression') && format !== 'jpeg' && format !== 'webp') {
    if (format === 'svg' || body['output_compression'] !== 100)
      return invalidValue(
        'output_compression',
        `Compression less than 100 is not supported for ${format.toUpperCase()} output format.`,
      );
  }
  if (body['background'] === 'transparent' && format !== 'png' && format !== 'webp') {
    return invalidValue(
      'background',
      `Transparent background is not supported for ${format.toUpperCase()} output format.`,
    );
  }
  for (const [param, needed] of formatParameters)
    if (isSet(body, param) && format !== needed)
      return invalidValue(param, `${param} is only supported with output_format=${needed}.`);
  // The provider documents this parameter for SVG output only.
  if (format === 'svg' && (body['n'] ?? 1) !== 1)
    return invalidValue('n', 'SVG output requires n=1.');
  return checkStream(body, format);
}

/** The first message is the provider's own wording; the others follow its documentation. */
function checkStream(body: Body, format: string): Problem | null {
  if (body['stream'] !== true) {
    return isSet(body, 'partial_images')
      ? invalidValue('partial_images', 'Partial images are only supported with stream=true.')
      : null;
  }
  if ((body['n'] ?? 1) !== 1) return invalidValue('n', 'Streaming is only supported with n=1.');
  if (format === 'gif' || format === 'svg') {
    return invalidValue(
      'stream',
      `Streaming is not supported for ${format.toUpperCase()} output format.`,
    );
  }
  return null;
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** The author of an SVG document. A generation must name it. */
export function svgAuthor(isModelNeeded: boolean): Check {
  return (value, param) => {
    if (!isBody(value)) return wrongType(param, 'an object', value);
    const [unknown] = Object.keys(value).filter((name) => !['model', 'reasoning'].includes(name));
    if (unknown !== undefined) return unknownParameter(`${param}.${unknown}`);
    const { model, reasoning } = value;
    if (!isSet(value, 'model')) {
      if (isModelNeeded) return missingParameter(`${param}.model`);
    } else if (typeof model !== 'string') return wrongType(`${param}.model`, 'a string', model);
    if (!isSet(value, 'reasoning')) return null;
    if (!isBody(reasoning)) return wrongType(`${param}.reasoning`, 'an object', reasoning);
    const effort = readText(reasoning, 'effort', null);
    return effort === null || efforts.includes(effort)
      ? null
      : unsupportedValue(`${param}.reasoning.effort`, effort, efforts);
  };
}

function outside(
  param: string,
  value: number,
  how: string,
  expected: string,
  code: string,
): Problem {
  const message =
    `Invalid '${param}': integer ${how} value. Expected a value ${expected}, but` +
    ` got ${value} instead.`;
  return { message, param, code };
}

function countCharacters(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}
