/** Judges an answer by what the OpenAPI document says of its operation. */
import { z } from 'zod';
import type { ApiDocument, Schema } from './document.ts';
import type { FuzzRequest } from './requests.ts';
import type { Answer } from './send.ts';

export type Judge = (request: FuzzRequest, path: string, answer: Answer) => string | null;

/** The returned function says what is wrong with an answer, or null. */
export function createJudge(document: ApiDocument): Judge {
  const validators = new Map<string, z.ZodType>();

  function validatorOf(schema: Schema): z.ZodType {
    const key = JSON.stringify(schema);
    const known = validators.get(key);
    if (known !== undefined) return known;
    const whole = toLocalRefs({ ...schema, $defs: document.schemas });
    const made = z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]);
    validators.set(key, made);
    return made;
  }

  function judgeBody(schema: Schema, { body }: Answer): string | null {
    let value: unknown;
    try {
      value = JSON.parse(body?.toString() ?? '') as unknown;
    } catch {
      return `the body is not JSON: ${body?.toString().slice(0, 200)}`;
    }
    const parsed = validatorOf(schema).safeParse(value);
    return parsed.success
      ? null
      : `the body is not in its schema: ${z.prettifyError(parsed.error)}`;
  }

  return ({ operation }, path, answer) => {
    const { status, type, headers } = answer;
    if (status >= 500) return `status ${status}: ${answer.body?.toString().slice(0, 300)}`;
    if (headers['x-request-id'] === undefined) return `status ${status} without x-request-id`;
    const isExact = segmentsOf(path) === segmentsOf(operation.path);
    if (operation.method === 'HEAD') return null;
    if (status >= 400) {
      if (!type.startsWith('application/json')) return `status ${status} of the type "${type}"`;
      return judgeBody({ $ref: '#/components/schemas/Error' }, answer);
    }
    // The path of a hostile value may be that of another operation.
    if (!isExact) return null;
    const declared =
      operation.responses[String(status)] ?? operation.responses[`${Math.floor(status / 100)}XX`];
    if (declared === undefined) return `status ${status} is not described`;
    const { content } = declared;
    if (content === undefined) return null;
    const media = type.split(';')[0]?.trim() ?? '';
    const described = content[media] ?? content[`${media.split('/')[0]}/*`] ?? content['*/*'];
    if (described === undefined) return `status ${status} of the type "${type}"`;
    return media === 'application/json' ? judgeBody(described.schema ?? {}, answer) : null;
  };
}

/** How many segments the path has that are not empty. */
function segmentsOf(path: string): number {
  return (
    path
      .split(/[?#]/, 1)[0]
      ?.split('/')
      .filter((each) => !/^\.{0,2}$/.test(each)).length ?? 0
  );
}

function toLocalRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toLocalRefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === '$ref' && typeof member === 'string'
        ? member.replace('#/components/schemas/', '#/$defs/')
        : toLocalRefs(member),
    ]),
  );
}
