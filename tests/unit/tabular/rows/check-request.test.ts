import { jobRequestSchema } from '@kiln/shared/schemas/job-request';
import { createShapeCheck } from '@kiln/shared/tabular/rows/check-request';
import { rowFields } from '@kiln/shared/tabular/rows/row-fields';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    'auto',
    'low',
    'ultra',
    'png',
    '1024x1024',
    'a\0',
    '\ud800',
    'x'.repeat(513),
    '😀'.repeat(300),
    'x'.repeat(32_001),
    '😀'.repeat(20_000),
  ),
);
const value = fc.oneof(
  text,
  fc.integer({ min: -2, max: 102 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const request = fc.record(
  {
    prompt: value,
    model: value,
    n: value,
    size: value,
    quality: value,
    output_format: value,
    output_compression: value,
    user: value,
    priority: value,
    sise: value,
    provider_options: fc.oneof(value, fc.dictionary(text, value)),
    metadata: fc.oneof(
      value,
      fc.dictionary(text, fc.oneof({ weight: 5, arbitrary: text }, value), { maxKeys: 18 }),
    ),
  },
  { requiredKeys: [] },
);

test('gives the verdict of the schema, for any sequence of requests', () => {
  const check = createShapeCheck(rowFields, {});
  fc.assert(
    fc.property(request, (input) => {
      expect(check(input).length === 0).toBe(jobRequestSchema.safeParse(input).success);
    }),
    { numRuns: 500 },
  );
});

test('trusts defaults by identity only', () => {
  const check = createShapeCheck(rowFields, { provider_options: { a: 1 } });
  expect(check({ prompt: 'a', provider_options: { a: '\0' } })).toHaveLength(1);
});
