/**
 * Reads the body of a provider's error response, in any shape that providers, gateways and
 * firewalls send.
 *
 * Problem: OpenAI, Azure, API Management, FastAPI and firewalls wrap the same facts in different
 * envelopes, some several deep. Approach: walk the envelope to a limited depth, and collect every
 * code, the first message, and what a content filter reports. Guarantee: never throws, and reads a
 * limited amount, whatever the body is. What the facts mean is decided in `classify-fault.ts`.
 */
import { cutText } from '../../schemas/text.ts';
import { readText } from './error-text.ts';

export type ErrorBody = {
  /** The complete message, empty if there is none. Use `cutMessage` before storing it. */
  message: string;
  /**
   * Every code and type in the envelope. Normalised to lower-case letters and digits, so that one
   * spelling matches `contentFilter` and `content_filter`.
   */
  names: string[];
  param: string | null;
  /** null when the body does not mention a content filter. */
  filter: { stage: string | null; categories: string[] } | null;
};

const maxMessageCharacters = 1_000;
const maxNameCharacters = 100;
const maxCategories = 20;
/** Limits of the walk: real envelopes are two or three deep. */
const maxDepth = 6;
const maxEnvelopes = 40;
/** A list of problems names at most this many of them in its message. */
const maxListed = 5;

/** Fields that hold a further envelope, or a list of them, in the order of their importance. */
const nested = [
  'error',
  'errors',
  'fault',
  'innererror',
  'inner_error',
  'innerError',
  'detail',
  'details',
  'metadata',
  'cause',
  // Azure reports the error of each picture beside the pictures.
  'data',
] as const;

/** Fields that hold a message, in the order of their importance. */
const messageFields = [
  'message',
  'Message',
  'msg',
  'detail',
  'error_description',
  'faultstring',
  'description',
  'reason',
  'title',
] as const;

type Fields = Record<string, unknown>;

export function readErrorBody(body: unknown): ErrorBody {
  const envelopes = unwrap(body);
  const filtered = envelopes.flatMap(filteredCategories);
  const details = envelopes.map(({ moderation_details: each }) => toFields(each));
  const named = details.flatMap(({ categories }) =>
    Array.isArray(categories) ? categories.slice(0, maxCategories).map(toText) : [],
  );
  const categories = [...filtered, ...named].filter((name) => name !== null);
  const stage = firstOf(details.map((each) => toText(each['moderation_stage'])));
  return {
    message: messageOf(body, 0),
    names: [
      ...new Set(
        envelopes
          .flatMap(({ code, type, status }) => [code, type, status])
          .map(toName)
          .filter((name) => name !== null)
          .map(normalise),
      ),
    ],
    param: firstOf(envelopes.map(paramOf)),
    filter:
      stage === null && categories.length === 0
        ? null
        : { stage, categories: [...new Set(categories)].slice(0, maxCategories) },
  };
}

/** Shortens a message to 1,000 characters and removes those that PostgreSQL cannot store. */
export function cutMessage(message: string): string {
  return clean(message, maxMessageCharacters);
}

/** Lists the objects of an envelope, the outer ones first. */
function unwrap(body: unknown): Fields[] {
  const found: Fields[] = [];
  let level: unknown[] = [body];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth += 1) {
    const inner: unknown[] = [];
    for (const value of level) {
      if (found.length >= maxEnvelopes) return found;
      const parsed = typeof value === 'string' ? parseNested(value) : value;
      if (Array.isArray(parsed)) {
        inner.push(...(parsed as unknown[]).slice(0, maxEnvelopes));
        continue;
      }
      const fields = toFields(parsed);
      if (Object.keys(fields).length === 0) continue;
      found.push(fields);
      inner.push(...nested.map((name) => fields[name]));
      // Gateways pass on the answer of the provider as a text.
      inner.push(fields['message']);
    }
    level = inner.filter((value) => typeof value === 'object' || typeof value === 'string');
  }
  return found;
}

/** The first message of the envelope; an outer one counts before those it wraps. */
function messageOf(value: unknown, depth: number): string {
  if (depth >= maxDepth || value === undefined || value === null) return '';
  if (typeof value === 'string') {
    const parsed = parseNested(value);
    return (parsed !== null && messageOf(parsed, depth + 1)) || readText(value);
  }
  if (Array.isArray(value)) {
    const listed = (value as unknown[]).slice(0, maxListed);
    return listed
      .map((each) => messageOf(each, depth + 1))
      .filter((text) => text !== '')
      .join('; ');
  }
  const fields = toFields(value);
  // The field `error` is the envelope where there is one: gateways add a `message` beside it.
  const own = messageFields.find((name) => isText(fields[name]));
  for (const name of ['error', ...(own === undefined ? nested : [])]) {
    const wrapped = messageOf(fields[name], depth + 1);
    if (wrapped !== '') return wrapped;
  }
  if (own === undefined) return '';
  const field = fieldOf(fields);
  return `${field === '' ? '' : `${field}: `}${messageOf(fields[own], depth + 1)}`;
}

/** FastAPI names the field at fault by its path: `["body", "size"]`. */
function fieldOf({ loc }: Fields): string {
  if (!Array.isArray(loc)) return '';
  const steps = loc.slice(0, 10).map(toName);
  return steps
    .filter((step) => step !== null)
    .join('.')
    .slice(0, 100);
}

function paramOf({ param, loc }: Fields): string | null {
  const last: unknown = Array.isArray(loc) ? loc.at(-1) : undefined;
  return toText(param) ?? toText(last);
}

/** Reads Azure's `content_filter_results`, which has a verdict for each category. */
function filteredCategories(holder: Fields): string[] {
  const results = toFields(holder['content_filter_results'] ?? holder['content_filter_result']);
  return Object.keys(results)
    .filter((category) => toFields(results[category])['filtered'] === true)
    .slice(0, maxCategories)
    .map((category) => clean(category, maxNameCharacters));
}

/** Parses a text that is itself JSON; null for any other text. */
function parseNested(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // a text that only begins like JSON
  }
}

function firstOf<T>(values: readonly (T | null)[]): T | null {
  return values.find((value) => value !== null) ?? null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? clean(value, maxNameCharacters) : null;
}

/** Some gateways send their codes as numbers. */
function toName(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : toText(value);
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function clean(text: string, maxCharacters: number): string {
  return cutText(text.replaceAll('\0', ''), maxCharacters);
}
