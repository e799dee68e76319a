/** The form of Create: sizes by ratio and scale, and the request that is sent again. */
import { describe, expect, test } from 'vitest';
import {
  fitsWhole,
  presetOf,
  presetSize,
  ratios,
  scales,
} from '../../../apps/web/src/pages/create/draft/sizes.ts';
import { requestOfJob } from '../../../apps/web/src/requests/request-of-job.ts';
import type { Job } from '../../../apps/web/src/pages/create/draft/types.ts';
import { usualEndpointEvents, usualJobEvents } from '../../../apps/web/src/webhooks/event-sets.ts';
import { checkSize } from '../../../packages/shared/src/models/size-rules.ts';
import { findModel, freeSizes } from '../../../packages/shared/src/models/model-table.ts';
import {
  defaultEndpointEvents,
  defaultJobEvents,
} from '../../../packages/shared/src/schemas/webhook.ts';

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

test('a job that is sent again has all of its fields, and no stream', () => {
  const sentOnce = { prompt: 'A boat', n: 2, markup: { file_id: 'file_1' }, user: 'u' };
  const ofJob = {
    model: 'gpt-image-2',
    priority: 'bulk',
    metadata: { a: 'b' },
    webhook_url: 'https://example.com/',
    webhook_events: ['job.failed'],
  };
  const job = { ...ofJob, request: { ...sentOnce, partial_images: 2 } } as unknown as Job;
  expect(requestOfJob(job)).toEqual({ ...sentOnce, ...ofJob });
  expect(requestOfJob({ ...job, webhook_url: null, webhook_events: null })).not.toHaveProperty(
    'webhook_events',
  );
});

test('the events that the studio calls usual are those of a request that names none', () => {
  expect(usualJobEvents).toEqual(defaultJobEvents);
  expect(usualEndpointEvents.toSorted()).toEqual(defaultEndpointEvents.toSorted());
});
