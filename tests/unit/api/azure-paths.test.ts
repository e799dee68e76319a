import { describe, expect, test } from 'vitest';
import { toKilnAddress } from '../../../apps/api/src/requests/azure-paths.ts';

describe('URLs of Azure’s clients', () => {
  test.each([
    ['/openai/v1/images/generations', '/v1/images/generations'],
    ['/openai/v1/images/generations?api-version=preview', '/v1/images/generations'],
    ['/openai/v1/jobs/job_1', '/v1/jobs/job_1'],
    ['/openai/files?api-version=2025-04-01-preview', '/v1/files'],
    ['/openai/files/file-1/content?api-version=1', '/v1/files/file-1/content'],
    ['/openai/batches?after=batch_1&api-version=1&limit=2', '/v1/batches?after=batch_1&limit=2'],
    ['/openai/models/gpt-image-2', '/v1/models/gpt-image-2'],
    ['/openai/images/edits?api-version=1', '/v1/images/edits'],
    ['/openai/deployments/mine/batches?api-version=1', '/v1/batches'],
    [
      '/openai/deployments/mine/images/generations?api-version=1',
      '/openai/deployments/mine/images/generations',
    ],
    ['/openai/deployments/v1/images/edits', '/openai/deployments/v1/images/edits'],
  ])('%s becomes %s', (asked, ours) => {
    expect(toKilnAddress(asked)).toBe(ours);
  });

  test.each([
    '/v1/files?api-version=1',
    '/openai',
    '/openai/livez',
    '/openai/filesystem',
    '/openai.json?x=1',
    '/',
  ])('%s stays unchanged', (url) => {
    expect(toKilnAddress(url)).toBe(url);
  });
});
