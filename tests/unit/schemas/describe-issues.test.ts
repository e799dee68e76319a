/** A problem of an input names the field, the received value and the allowed values. */
import { describeIssues } from '@kiln/shared/schemas/describe-issues';
import { textSchema } from '@kiln/shared/schemas/text';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

function messagesFor(schema: z.ZodType, input: unknown, known: string[] = []): string[] {
  const parsed = schema.safeParse(input);
  return parsed.success
    ? []
    : describeIssues(parsed.error, input, known).map(({ message }) => message);
}

test.each<[string, z.ZodType, unknown, string]>([
  ['a field that is missing', z.object({ a: z.string() }), {}, 'a: is missing; it takes a string'],
  ['a whole input that is missing', z.object({}), null, 'the body: is missing; it takes an object'],
  ['null', z.object({ a: z.string() }), { a: null }, 'a: received null; it takes a string'],
  [
    'another type',
    z.object({ a: z.array(z.string()) }),
    { a: 'b' },
    'a: received "b"; it takes an array',
  ],
  [
    'a map',
    z.object({ a: z.record(z.string(), z.string()) }),
    { a: 1 },
    'a: received 1; it takes an object',
  ],
  ['a fraction', z.object({ a: z.int() }), { a: 0.5 }, 'a: received 0.5; it takes a whole number'],
  ['a choice', z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, 'a: received "z"; it takes x, y'],
  [
    'a text too long',
    z.object({ a: textSchema(0, 1) }),
    { a: 'bcd' },
    'a: received 3 characters; at most 1 character is allowed',
  ],
  [
    'a text too short',
    z.object({ a: textSchema(2, 9) }),
    { a: 'b' },
    'a: received 1 character; at least 2 characters are needed',
  ],
  [
    'a list too long',
    z.object({ a: z.array(z.int()).max(1) }),
    { a: [1, 2] },
    'a: received 2 items; at most 1 item is allowed',
  ],
  [
    'a number too large',
    z.object({ a: z.int().max(1000) }),
    { a: 1001 },
    'a: received 1001; at most 1,000 is allowed',
  ],
  [
    'a key too long',
    z.record(textSchema(1, 2), z.int()),
    { abc: 1 },
    'abc: received a key of 3 characters; at most 2 characters are allowed',
  ],
  [
    'something within a list',
    z.object({ a: z.array(z.object({ b: z.int() })) }),
    { a: [{ b: 1 }, { b: 'c' }] },
    'a.1.b: received "c"; it takes a number',
  ],
  [
    'a text of too many characters outside of the basic plane',
    z.object({ a: textSchema(0, 2) }),
    { a: '🚢🚢🚢' },
    'a: received 3 characters; at most 2 characters are allowed',
  ],
])('%s', (_what, schema, input, expected) => {
  expect(messagesFor(schema, input)).toEqual([expected]);
});

describe('a converted value is reported as it was received', () => {
  const query = z.object({ limit: z.coerce.number().int().min(1).max(100) });
  test.each([
    ['many', 'limit: received "many"; it takes a number'],
    ['0', 'limit: received "0"; at least 1 is needed'],
    ['1.5', 'limit: received "1.5"; it takes a whole number'],
  ])('%s', (limit, expected) => {
    expect(messagesFor(query, { limit })).toEqual([expected]);
  });
});

describe('an unknown field', () => {
  test('is answered with the known fields, at the top level only', () => {
    const schema = z.strictObject({ a: z.strictObject({}).optional() });
    expect(messagesFor(schema, { b: 1, c: 2 }, ['a'])).toEqual([
      'b: is not a known field; the known fields are a',
      'c: is not a known field; the known fields are a',
    ]);
    expect(messagesFor(schema, { a: { d: 1 } }, ['a'])).toEqual(['a.d: is not a known field']);
  });

  test('is marked as unknown', () => {
    const parsed = z.strictObject({ a: z.int() }).safeParse({ a: 'x', b: 1 });
    const problems = describeIssues(parsed.error ?? new z.ZodError([]), { a: 'x', b: 1 }, []);
    expect(problems).toMatchObject([
      { param: 'a', isUnknownField: false },
      { param: 'b', isUnknownField: true },
    ]);
  });
});

test('long values and long names are cut', () => {
  const [value = ''] = messagesFor(z.object({ a: z.int() }), { a: 'v'.repeat(10_000) });
  const [name = ''] = messagesFor(z.strictObject({}), { ['n'.repeat(10_000)]: 1 });
  expect(value.length).toBeLessThan(200);
  expect(name.length).toBeLessThan(200);
});
