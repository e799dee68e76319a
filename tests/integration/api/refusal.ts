/**
 * What a refused body is checked for: the status, the code, the field, and a message that helps.
 */
import { expect } from 'vitest';
import { postJson, type TestKiln } from '../../support/kiln.ts';
import { readError } from './support.ts';

export interface Refusal {
  what: string;
  body: Record<string, unknown>;
  code?: string;
  param: string;
  message: RegExp;
}

export function refusalsBy({ url }: TestKiln) {
  return async ({ body, code = 'invalid_request', param, message }: Refusal): Promise<void> => {
    // A key besides: it must stay free for the request as it was meant.
    const response = await postJson(
      `${url}/v1/jobs`,
      { prompt: 'A boat', ...body },
      { 'idempotency-key': 'k' },
    );
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await readError(response)).toEqual({
      status: 400,
      type: 'invalid_request_error',
      code,
      param,
      message: expect.stringMatching(message) as unknown,
    });
  };
}
