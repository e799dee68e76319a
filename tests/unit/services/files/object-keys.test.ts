/** The key of an object says what it belongs to; garbage collection relies on it. */
import {
  keyOfFile,
  keyOfImage,
  keyOfPreview,
  parseFileKey,
  parseImageKey,
  parseKey,
  parseThumbnailKey,
  prefixOf,
  thumbnailKeyOf,
} from '@kiln/shared/services/files/object-keys';
import { parseObjectKey } from '@kiln/shared/storage/object-store';
import { describe, expect, test } from 'vitest';

const attempt = { jobId: 'job_019f3c5e', no: 12 };
const positions = [
  { index: 0, count: 1 },
  { index: 9, count: 10 },
  { index: 10, count: 128 },
];

describe.each(positions)('image $index of $count', ({ index, count }) => {
  const key = keyOfImage(attempt, { index, count, format: 'jpeg' });

  test('has a key that names its attempt, its index and the number of images', () => {
    expect(parseObjectKey(key)).toBe(key);
    expect(key.startsWith(prefixOf('images', attempt))).toBe(true);
    expect(parseKey('images', key)).toEqual(attempt);
    expect(parseImageKey(key)).toEqual({ index, count });
  });

  test('has a thumbnail whose key names the attempt and the index', () => {
    const thumbnail = thumbnailKeyOf(key);
    expect(thumbnail).toMatch(/^thumbnails\/.*\.webp$/);
    expect(parseThumbnailKey(thumbnail)).toEqual({ ...attempt, index });
    expect(parseThumbnailKey(key)).toBeNull();
  });
});

test('attempts of a job do not share a prefix', () => {
  const key = keyOfImage(attempt, { index: 0, count: 1, format: 'png' });
  expect(key.startsWith(prefixOf('images', { ...attempt, no: 1 }))).toBe(false);
});

test('previews and files have keys that name their attempt and their id', () => {
  const preview = keyOfPreview({ ...attempt, index: 2, format: 'png' });
  expect(parseKey('previews', preview)).toEqual(attempt);
  expect(parseImageKey(preview)).toBeNull();
  expect(parseFileKey(keyOfFile('file-019f3c5e'))).toEqual({ fileId: 'file-019f3c5e' });
});

test.each([
  'images/logo.png',
  'images/2026/summer/1-0-of-1.png',
  'images/ab/job_019f3c5e/1-0-of-1.png',
  'previews/5e/job_019f3c5e/1-0-of-1.png',
  'images/5e/job_019f3c5e/x/1-0-of-1.png',
])('%s is the key of no image', (key) => {
  expect(parseKey('images', key)).toBeNull();
});
