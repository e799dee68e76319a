/** `npm run models:check`: what a newer SDK may bring is noticed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findDifferences } from '../../../scripts/models-check/compare.ts';
import { readInterface, readUnion } from '../../../scripts/models-check/read-types.ts';

const path = '../../../node_modules/openai/resources/images.d.ts';
const types = readFileSync(join(import.meta.dirname, path), 'utf8');

/** The installed types with a change; fails when there is nothing to change. */
function changed(from: string | RegExp, to: string): string {
  const text = types.replace(from, to);
  expect(text).not.toBe(types);
  return text;
}

test('the tables know all that the installed SDK has', () => {
  expect(findDifferences(types)).toEqual([]);
});

describe('a difference is named', () => {
  test.each<[string, string | RegExp, string, string]>([
    [
      'a new model',
      "'gpt-image-2.6-flare' | 'gpt-image-1'",
      "'gpt-image-2.6-flare' | 'gpt-image-3' | 'gpt-image-1'",
      'model "gpt-image-3": the tables do not have it',
    ],
    [
      'a model that is gone',
      " | 'chatgpt-image-latest'",
      '',
      'model "chatgpt-image-latest": the types no longer have it',
    ],
    [
      'a new parameter of generations',
      /(interface ImageGenerateParamsBase \{)/,
      '$1\n    seed?: number | null;',
      'parameter "seed" of generations: the table of request fields does not have it',
    ],
    [
      'a new parameter of edits',
      /(interface ImageEditParamsBase \{)/,
      '$1\n    strength?: number;',
      'parameter "strength" of edits: the table of request fields does not have it',
    ],
    [
      'a parameter that is gone',
      '    markup?: Uploadable;\n',
      '',
      'parameter "markup": the types of edits no longer have it',
    ],
    [
      'a new value of a parameter',
      "quality?: 'low' | 'medium' | 'high' | 'xhigh' | 'max' | 'auto' | 'standard' | null",
      "quality?: 'low' | 'medium' | 'high' | 'xhigh' | 'max' | 'ultra' | 'auto' | null",
      'value "ultra" of quality in edits: no model of the table takes it',
    ],
    [
      'a new value that the schema would refuse',
      /complexity\?: 'low'/,
      "complexity?: 'none' | 'low'",
      'value "none" of complexity in edits: no model of the table takes it',
    ],
    [
      'a new format',
      /output_format\?: 'png' \| 'webp' \| 'jpeg' \| 'gif' \| 'svg' \| null/,
      "output_format?: 'png' | 'webp' | 'jpeg' | 'gif' | 'svg' | 'avif' | null",
      'value "avif" of output_format in edits: no model of the table takes it',
    ],
    [
      'a new member of an answer',
      /(interface SvgUsage \{)/,
      '$1\n        cached_tokens: number;',
      'member of ImagesResponse.SvgUsage "cached_tokens": the tables do not have it',
    ],
    [
      'a new effort',
      /effort\?: 'none' \|/,
      "effort?: 'none' | 'tiny' |",
      'effort of ImageEditParams.Svg "tiny": the tables do not have it',
    ],
  ])('%s', (_what, from, to, sentence) => {
    expect(findDifferences(changed(from, to))).toContain(sentence);
  });
});

test('types of another form are an error, not a success', () => {
  expect(() => findDifferences('export {};')).toThrow('the types have no type ImageModel');
  expect(() =>
    findDifferences(changed('interface ImagesResponse', 'class ImagesResponse')),
  ).toThrow('the types have no interface ImagesResponse');
});

test('reads members, literals and open texts, whatever the quotes and comments', () => {
  const text = `
    export type Kind = "a" | 'b';
    /** interface Thing { wrong: 'x' } */
    declare namespace Outer {
      interface Thing {
        size?: (string & {}) | 'auto'; // 'comment'
        list: Array<{ deep: 'c'; other: 1 }>;
      }
    }`;
  expect(readUnion(text, 'Kind')).toEqual(['a', 'b']);
  expect([...readInterface(text, 'Outer.Thing')]).toEqual([
    ['size', { values: ['auto'], isOpen: true }],
    ['list', { values: ['c'], isOpen: false }],
  ]);
});
