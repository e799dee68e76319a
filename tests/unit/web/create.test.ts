/** The form of Create: sizes by ratio and scale, and the request that is sent. */
import { describe, expect, test } from 'vitest';
import {
  fitsWhole,
  presetOf,
  presetSize,
  ratios,
  scales,
} from '../../../apps/web/src/pages/create/draft/sizes.ts';
import { checkSize } from '../../../packages/shared/src/models/size-rules.ts';
import { findModel, freeSizes } from '../../../packages/shared/src/models/model-table.ts';

const free = { kind: 'free' as const, ...freeSizes };
const fixed = { kind: 'fixed' as const, allowed: ['1024x1024', '1536x1024', '1024x1536'] };

describe('sizes of the form', () => {
  test('every preset is one that the model takes', () => {
    const model = findModel('gpt-image-2');
    if (model === null) throw new Error('the model table has no gpt-image-2');
    for (const ratio of ratios)
      for (const scale of scales) {
        const size = presetSize(ratio, scale, free) ?? '';
        expect([size, checkSize(size, model).status]).not.toContain('unsupported');
      }
  });

  test('people find the sizes that they know', () => {
    expect(presetSize('1:1', '1K', free)).toBe('1024x1024');
    expect(presetSize('16:9', '2K', free)).toBe('2560x1440');
    expect(presetSize('16:9', '4K', free)).toBe('3840x2160');
    expect(presetSize('9:16', '4K', free)).toBe('2160x3840');
  });

  test('the rest of a picture can be kept where one size is a whole multiple of the other', () => {
    const photograph = { width: 768, height: 512 };
    expect(fitsWhole(photograph, { width: 1536, height: 1024 })).toBe(true);
    expect(fitsWhole({ width: 1536, height: 1024 }, photograph)).toBe(true);
    expect(fitsWhole(photograph, photograph)).toBe(true);
    expect(fitsWhole(photograph, { width: 1024, height: 1024 })).toBe(false);
  });

  test('a model with fixed sizes offers those, and no others', () => {
    expect(presetSize('3:2', '1K', fixed)).toBe('1536x1024');
    expect(presetSize('16:9', '1K', fixed)).toBeNull();
    expect(presetSize('1:1', '2K', fixed)).toBeNull();
  });

  test('a size is recognised as its preset; a free one is none', () => {
    expect(presetOf('2160x3840', free)).toEqual({ ratio: '9:16', scale: '4K' });
    expect(presetOf('1040x1024', free)).toBeNull();
    expect(presetOf('auto', free)).toBeNull();
  });
});
