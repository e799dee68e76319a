import {
  findJsonExcess,
  flattenJson,
  maxJsonBytes,
  maxJsonFields,
  maxJsonLevels,
  maxJsonMembers,
  parseBoundedJson,
} from '@kiln/shared/bounded-json';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const items = (count: number) => `[${Array(count).fill('0').join()}]`;
const object = (fields: number) =>
  `{${Array.from({ length: fields }, (_, index) => `"x${index}":0`).join()}}`;
const picture = `data:image/png;base64,${'A'.repeat(3 * maxJsonBytes)}`;

describe('what exceeds a limit is found without parsing', () => {
  test.each([
    ['as many levels as allowed', nested(maxJsonLevels), null],
    ['one level more', nested(maxJsonLevels + 1), 'levels'],
    ['a hundred thousand brackets that are never closed', '['.repeat(100_000), 'levels'],
    ['objects count as levels', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'levels'],
    ['siblings are no levels', `[${Array(500).fill('[[]]').join()}]`, null],
    ['brackets in strings are no levels', `["${'['.repeat(100)}"]`, null],
    ['brackets after an escaped quote are no levels', String.raw`["\"${'['.repeat(100)}"]`, null],
    ['brackets after an escaped backslash are', String.raw`["\\",${nested(40)}]`, 'levels'],
    ['as many members as allowed', items(maxJsonMembers), null],
    ['one member more', items(maxJsonMembers + 1), 'members'],
    [
      'members of all objects count together',
      `[${Array(3_400).fill('{"a":1,"b":2}').join()}]`,
      'members',
    ],
    ['as many fields of an object as allowed', object(maxJsonFields), null],
    ['one field more', object(maxJsonFields + 1), 'fields'],
    ['an object inside has its own', `{"a":${object(maxJsonFields)},"b":1}`, null],
    [
      'fields before and after an object inside count together',
      `${object(maxJsonFields - 1).slice(0, -1)},"a":{"b":1},"c":{}}`,
      'fields',
    ],
    ['each object of a list may have as many', `[${object(400)},${object(400)}]`, null],
    ['colons in strings are no fields', `["${':'.repeat(1_000)}"]`, null],
    ['empty lists are one member each', `[${Array(maxJsonMembers).fill('[ ]').join()}]`, null],
    ['commas in strings are no members', `["${','.repeat(20_000)}"]`, null],
    ['as many bytes as allowed', `"${'x'.repeat(maxJsonBytes - 2)}"`, null],
    ['one byte more', `"${'x'.repeat(maxJsonBytes - 1)}"`, 'bytes'],
    ['white space counts', ' '.repeat(maxJsonBytes + 1), 'bytes'],
    ['a string without an end', `"${'x'.repeat(maxJsonBytes)}`, 'bytes'],
    ['a picture does not count', `{"images":[{"image_url": "${picture}"}]}`, null],
    ['the same under another name does', `{"prompt":"${picture}"}`, 'bytes'],
    ['nor does a name that contains the picture', `{"image_url":{"${picture}":1}}`, 'bytes'],
    ['a list under the name is no picture', `{"image_url":["${picture}"]}`, 'bytes'],
  ])('%s', (_what, json, limit) => {
    expect(findJsonExcess(json)?.limit ?? null).toBe(limit);
    expect(findJsonExcess(Buffer.from(json))?.limit ?? null).toBe(limit);
  });

  test('a picture with a million escaped quotes is looked at once', () => {
    const search = vi.spyOn(Buffer.prototype, 'indexOf');
    onTestFinished(() => search.mockRestore());
    const json = `{"image_url":"${'\\\\\\"'.repeat(1_000_000)}\\\\","a":${nested(40)}}`;
    expect(findJsonExcess(json)?.limit).toBe('levels');
    expect(search.mock.calls.length).toBeLessThan(100);
  });

  test('any other JSON passes, and is parsed as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (json) => {
        fc.pre(!json.includes('__proto__'));
        expect(parseBoundedJson(json)).toEqual({
          status: 'parsed',
          value: JSON.parse(json) as unknown,
        });
      }),
    );
  });

  test('any text is answered, and text that is not JSON is called broken', () => {
    expect(parseBoundedJson('{"a":')).toMatchObject({ status: 'broken' });
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseBoundedJson(text)));
  });
});

test('a stored value of any depth is flattened, and a value within the limits is unchanged', () => {
  const deep = JSON.parse(nested(5_000)) as unknown;
  expect(JSON.stringify(flattenJson(deep))).toBe(
    `${'['.repeat(maxJsonLevels)}null${']'.repeat(maxJsonLevels)}`,
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
      expect(flattenJson(value)).toEqual(value);
    }),
  );
});

test.each(['{"__proto__":1}', '{"a":[{"\\u005f_proto__" : {}}]}', '{"x":"","__pr\\u006fto__":1}'])(
  '%s has a field called __proto__',
  (json) => expect(findJsonExcess(json)).toMatchObject({ limit: 'names' }),
);

test.each(['{"a":"__proto__"}', '["__proto__"]', '{"a__proto__":1}', '{"\\"__proto__":1}'])(
  '%s has none',
  (json) => expect(findJsonExcess(json)).toBeNull(),
);
