import {
  buildRequestKey,
  keyOfParameters,
  type SourceHashes,
} from '@kiln/shared/services/jobs/request-key';
import { findModel } from '@kiln/shared/models/model-table';
import type { ResolvedRequest } from '@kiln/shared/services/jobs/new-job';
import { expect, test } from 'vitest';

const hashes: SourceHashes = new Map([
  ['file-1', 'aa'],
  ['file-2', 'aa'],
  ['file-3', 'bb'],
]);

function keyOf(request: Partial<ResolvedRequest>, model = 'gpt-image-1', route = '*') {
  const whole = { prompt: 'A boat', ...request };
  const facts = findModel(model);
  return buildRequestKey(keyOfParameters(whole, { model, facts, route }), whole, hashes);
}

const edit = (id: string, more: Partial<ResolvedRequest> = {}) =>
  keyOf({ images: [{ file_id: id }], ...more });

test('a field that is left out counts as its default, and what is not sent as nothing', () => {
  expect(keyOf({})).toMatch(/^[0-9a-f]{64}$/);
  for (const same of [
    { n: 1 },
    { size: 'auto', quality: 'auto' } as const,
    { background: 'auto', output_format: 'png', moderation: 'auto' } as const,
    { metadata: { order: '1' } },
    { user: 'someone', safety_identifier: 'x' },
    { priority: 'bulk' } as const,
  ])
    expect(keyOf(same)).toBe(keyOf({}));
  expect(keyOf({ output_format: 'jpeg', output_compression: 100 })).toBe(
    keyOf({ output_format: 'jpeg' }),
  );
  expect(keyOf({ prompt: 'Cafe\u0301' })).toBe(keyOf({ prompt: 'Caf\u00e9' }));
});

test('everything that changes the picture changes the key', () => {
  const keys = [
    keyOf({}),
    keyOf({ prompt: 'a boat' }),
    keyOf({ n: 2 }),
    keyOf({ size: '1024x1024' }),
    keyOf({ quality: 'low' }),
    keyOf({ provider_options: { seed: 1 } }),
    keyOf({}, 'gpt-image-1-mini'),
    keyOf({}, 'gpt-image-1', 'simulator'),
    edit('file-1'),
    edit('file-3'),
    edit('file-1', { mask: { file_id: 'file-3' } }),
    edit('file-1', { markup: { file_id: 'file-3' } }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keyOf({ provider_options: { a: 1, b: { c: 2, d: 3 } } })).toBe(
    keyOf({ provider_options: { b: { d: 3, c: 2 }, a: 1 } }),
  );
});

test('pictures count by their bytes; without them there is no key', () => {
  expect(edit('file-1')).toBe(edit('file-2'));
  expect(edit('file-4')).toBeNull();
});
