import { expect, test } from 'vitest';
import { readFormFields } from '@kiln/shared/schemas/form-fields';
import { editFieldsSchema } from '@kiln/shared/schemas/image-request';
import { readFieldText } from '@kiln/shared/schemas/read-field-text';

const read = (...texts: [string, string][]) => readFormFields(new Map(texts), readFieldText);

test('reads objects as the official SDK writes them', () => {
  const input = read(
    ['prompt', 'A boat'],
    ['n', '1'],
    ['svg[model]', 'gpt-5.6-terra'],
    ['svg[reasoning][effort]', 'low'],
    ['metadata[order]', '17'],
  );
  expect(editFieldsSchema.parse(input)).toEqual({
    prompt: 'A boat',
    n: 1,
    svg: { model: 'gpt-5.6-terra', reasoning: { effort: 'low' } },
    metadata: { order: '17' },
  });
});

test('reads an object that is written as JSON', () => {
  const input = read(['prompt', 'A boat'], ['svg', '{"model":"gpt-5.6-terra"}']);
  expect(editFieldsSchema.parse(input)).toMatchObject({ svg: { model: 'gpt-5.6-terra' } });
});

test('a name that is not a path stays a name', () => {
  for (const name of ['a[', 'a[]', '[b]', 'a[b]c', 'a[b][c][d][e]', 'a]b['])
    expect(read([name, 'x'])).toEqual({ [name]: 'x' });
});

test('a path through a prototype stays one name, which is no known field', () => {
  const input = read(['__proto__[polluted]', 'x'], ['a[__proto__][polluted]', 'x']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.keys(input)).toEqual(['__proto__[polluted]', 'a[__proto__][polluted]']);
});
