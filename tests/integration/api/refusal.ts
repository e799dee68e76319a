/** Checks of a refused body: status, code, field and message. */
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
    // Send a key as well: it must stay free for the corrected request.
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
