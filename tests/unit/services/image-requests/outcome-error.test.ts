/**
 * The error for a caller whose job has no pictures has no status that clients repeat by themselves.
 */
import { parseConfig } from '@kiln/shared/config';
import { errorCatalogue, KilnError } from '@kiln/shared/errors';
import { faultCodes } from '@kiln/shared/provider/faults/fault-codes';
import type { JobRow } from '@kiln/shared/records/jobs/jobs';
import {
  toOutcomeError,
  toUnavailableError,
} from '@kiln/shared/services/image-requests/outcome-error';
import { emptyRow } from '@kiln/shared/services/jobs/new-job';
import { describe, expect, test } from 'vitest';

const environment = { DATABASE_URL: 'postgres://host/kiln' };
const azure = parseConfig({
  ...environment,
  AZURE_OPENAI_API_IMAGE_KEY: 'key',
  AZURE_OPENAI_API_IMAGE_ENDPOINT: 'https://mine.openai.azure.com',
  AZURE_OPENAI_API_IMAGE_MODEL: 'gpt-image-2',
}).deployments;
const openai = parseConfig({ ...environment, OPENAI_API_KEY: 'key' }).deployments;

function job(fields: Partial<JobRow>): JobRow {
  const row: Partial<JobRow> = { ...emptyRow, id: 'job_1', deployment: 'default', ...fields };
  return row as JobRow;
}

function failed(
  code: string,
  moderation: { stage: string | null; categories: string[] } | null = null,
): JobRow {
  return job({ status: 'failed', error: { code, message: 'because', param: null, moderation } });
}

const repeated = [408, 409, 425, 429];

describe('a job that has failed', () => {
  test.each([...faultCodes.map(({ code }) => code), 'something_newer'])('%s', (code) => {
    const refusal = toOutcomeError(failed(code), openai, '')!;
    const { status, retry } = errorCatalogue[refusal.code];
    expect(refusal.message).toContain(`job_1 failed: ${code}: because`);
    expect({ isRepeated: repeated.includes(status) || status >= 500, retry }).toEqual({
      isRepeated: false,
      retry: false,
    });
  });

  test('because of its content has the code of the provider', () => {
    const refused = failed('content_policy', { stage: 'input', categories: ['violence', 'hate'] });
    expect(toOutcomeError(refused, openai, '')).toMatchObject({
      code: 'moderation_blocked',
      message: 'job_1 failed: content_policy: because (stage input, violence, hate)',
    });
    expect(toOutcomeError(refused, azure, '')).toMatchObject({ code: 'content_policy_violation' });
    expect(toOutcomeError(failed('content_policy'), [], '')).toMatchObject({
      code: 'moderation_blocked',
      message: 'job_1 failed: content_policy: because',
    });
  });
});

test.each([
  ['queued', 'result_pending'],
  ['in_progress', 'result_pending'],
  ['held', 'job_held'],
  ['cancelled', 'job_cancelled'],
  ['expired', 'job_cancelled'],
] as const)('a job that is %s', (status, code) => {
  const refusal = toOutcomeError(job({ status }), openai, 'time is up');
  expect(refusal).toMatchObject({ code });
  expect(refusal?.message).toContain('job_1');
});

test('a job that has succeeded is no error', () => {
  expect(toOutcomeError(job({ status: 'succeeded' }), openai, '')).toBeNull();
});

describe('a result that cannot be read', () => {
  test.each([
    'database_unavailable',
    'storage_unavailable',
    'image_missing',
    'internal_error',
  ] as const)('%s is not repeated', (code) => {
    const refusal = toUnavailableError('job_1', new KilnError(code, 'away'));
    expect(refusal).toMatchObject({ code: 'result_unavailable' });
    expect(refusal.message).toMatch(/^job_1 was accepted, but its result cannot be read now: away/);
  });

  test('an unknown error is reported without its message, and is the logged cause', () => {
    const cause = new Error('secret');
    const refusal = toUnavailableError('job_1', cause);
    expect(refusal).toMatchObject({ code: 'result_unavailable', cause });
    expect(refusal.message).not.toContain('secret');
  });

  test('an error that clients do not repeat stays unchanged', () => {
    const known = new KilnError('job_held', 'held');
    expect(toUnavailableError('job_1', known)).toBe(known);
  });
});
