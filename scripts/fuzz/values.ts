/**
 * Values for the fields of requests: mostly such as a schema allows, sometimes such as an attacker
 * or a broken client sends. All of them are fast-check arbitraries, so a seed repeats them.
 */
import fc, { type Arbitrary } from 'fast-check';
import { resolve, type ApiDocument, type Schema } from './document.ts';

/** Texts that have broken programs before. */
const hostileTexts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\uD83D',
  'x\uDE00',
  `${'x'.repeat(58)}😀x`,
  `${'x'.repeat(59)}😀x`,
  `${'x'.repeat(99)}😀x`,
  '\uFFFD',
  '\u202Egpj.exe',
  'é',
  'e\u0301',
  '髙髙髙',
  '👩‍👩‍👧‍👦',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '..\\..\\x',
  '%00',
  '%2e%2e%2f',
  '%',
  '%zz',
  '{{prompt}}',
  '{{__proto__}}',
  '${x}',
  "'; drop table kiln.jobs; --",
  '<script>alert(1)</script>',
  '\r\nx-injected: 1',
  '=cmd()',
  '0x10',
  '1e3',
  '1e999',
  '-0',
  '-1',
  '0.5',
  '9007199254740993',
  '99999999999999999999',
  'NaN',
  'Infinity',
  'null',
  'true',
  '[]',
  '{}',
  'job_00000000000000000000000000000000',
  'x'.repeat(101),
  'x'.repeat(5_000),
] as const;

const hostileNumbers = [
  0,
  -0,
  -1,
  0.1,
  1e-7,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  1e21,
  1e308,
  -1e308,
] as const;

export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 })
      .map((units) => String.fromCharCode(...units)),
  },
);

/** A list or object that has this many levels. */
function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { x: value };
  return value;
}

const hostileValue: Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(...hostileNumbers),
  fc.constantFrom(null, true, false, [], {}, [null], [[]], { x: null }),
  fc.constantFrom(...hostileTexts).map((name) => toObject(new Map([[name, 1]]))),
  fc.constantFrom(10, 31, 33, 100, 1_000).map(nest),
  fc.constantFrom(17, 200, 2_000).map((count) => Array.from({ length: count }, (_, at) => at)),
  fc.jsonValue({ maxDepth: 3 }),
);

/** What some fields take beyond their schema, by their names. */
const known: Readonly<Record<string, readonly unknown[]>> = {
  size: ['1024x1024', '1024X1024', 'auto', '0x0', '0x400', '99999x99999', '16x16'],
  model: ['gpt-image-2', 'gpt-image-1.5', 'none-such'],
  url: ['RECEIVER', 'https://fuzz.invalid/hook', 'http://169.254.169.254/', 'HTTPS:RECEIVER'],
  webhook_url: ['RECEIVER', 'https://fuzz.invalid/hook', 'file:///etc/passwd'],
  // Ids of earlier answers take the place of these words.
  input_file_id: ['FILE'],
  file_id: ['FILE'],
  images: [[{ file_id: 'FILE' }], ['FILE']],
  batch_id: ['BATCH'],
  job_id: ['JOB'],
  endpoint_id: ['ENDPOINT'],
  after: ['JOB', 'BATCH', 'FILE', 'ENDPOINT', 'EVENT'],
  last_event_id: ['EVENT'],
  image_url: [
    'data:image/png;base64,iVBORw0KGgo=',
    'data:image/png;base64,!!',
    'data:,x',
    'https://fuzz.invalid/x.png',
  ],
};

/** Values that `schema` allows, with `hostility` of a hundred replaced by hostile ones. */
export function valuesOf(
  document: ApiDocument,
  schema: Schema,
  hostility: number,
  name = '',
  depth = 0,
): Arbitrary<unknown> {
  const allowed = allowedValues(document, resolve(document, schema), hostility, depth);
  const named = known[name];
  const usual: Arbitrary<unknown> =
    named === undefined ? allowed : fc.oneof(allowed, fc.constantFrom(...named));
  return fc.oneof(
    { weight: 100 - hostility, arbitrary: usual },
    { weight: hostility, arbitrary: hostileValue },
  );
}

function allowedValues(
  document: ApiDocument,
  schema: Schema,
  hostility: number,
  depth: number,
): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  const inner = (one: Schema, name = '') =>
    valuesOf(document, one, depth > 5 ? 0 : hostility, name, depth + 1);
  if (choices !== undefined) return fc.oneof(...choices.map((one) => inner(one)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer(bounds(schema));
    case 'number':
      return fc.oneof(fc.integer(bounds(schema)), fc.double({ noNaN: true }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(inner(schema.items ?? {}), {
        minLength: Math.min(schema.minItems ?? 0, 3),
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'object':
      return objects(schema, inner, hostility);
    default:
      return hostileValue;
  }
}

function bounds({ minimum = -10, maximum = 100_000 }: Schema): { min: number; max: number } {
  return {
    min: Math.max(Math.ceil(minimum), -(2 ** 31)),
    max: Math.min(Math.floor(maximum), 2 ** 31 - 1),
  };
}

function texts({ minLength = 0, maxLength = 20 }: Schema): Arbitrary<string> {
  const least = Math.min(minLength, 40);
  const most = Math.max(least, Math.min(maxLength, 40));
  const words = fc.string({ minLength: least, maxLength: most });
  return fc.oneof(
    { weight: 5, arbitrary: words },
    {
      weight: 1,
      arbitrary: fc.string({ unit: 'grapheme', minLength: least, maxLength: most }),
    },
    // Just as long as allowed, and one character longer.
    {
      weight: 1,
      arbitrary: fc.constantFrom(maxLength, maxLength + 1).map((length) => '髙'.repeat(length)),
    },
  );
}

function objects(
  schema: Schema,
  inner: (schema: Schema, name?: string) => Arbitrary<unknown>,
  hostility: number,
): Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required);
  const model = Object.fromEntries(properties.map(([name, each]) => [name, inner(each, name)]));
  const needed = properties.map(([name]) => name).filter((name) => required.has(name));
  const optional = properties.map(([name]) => name).filter((name) => !required.has(name));
  // A request with many random fields would nearly always be refused for one of them.
  const few = fc
    .subarray(optional, { maxLength: Math.min(2, optional.length) })
    .chain((names) =>
      fc.record(
        Object.fromEntries(
          [...needed, ...names].map((name) => [name, model[name] ?? fc.constant(null)]),
        ),
      ),
    );
  const record = fc.oneof(
    { weight: 3, arbitrary: few },
    { weight: 1, arbitrary: fc.record(model, { requiredKeys: needed }) },
  );
  const extra = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  const others = fc.array(fc.tuple(fc.oneof(fc.string(), hostileText), inner(extra)), {
    maxLength: 3,
  });
  const isOpen = schema.additionalProperties !== false || properties.length === 0;
  const whole = fc
    .tuple(record, others)
    // The form of JSON keeps `__proto__` as a name of its own.
    .map(([fields, more]) => new Map<string, unknown>([...Object.entries(fields), ...more]))
    .map(toObject);
  return isOpen
    ? fc.oneof(record, whole)
    : fc.oneof(
        { weight: 100 - hostility, arbitrary: record },
        { weight: Math.max(1, hostility), arbitrary: whole },
      );
}

function toObject(fields: ReadonlyMap<string, unknown>): unknown {
  const object: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}
