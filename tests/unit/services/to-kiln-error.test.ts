import { errorCatalogue } from '@kiln/shared/errors';
import { toKilnError } from '@kiln/shared/services/to-kiln-error';
import { expect, test } from 'vitest';

const failure = (code: string) => Object.assign(new Error('failed'), { code });

test('a statement that ran too long is no outage, and clients do not repeat it', () => {
  const error = toKilnError(failure('57014'));
  expect(error).toMatchObject({ code: 'query_timeout' });
  expect(error.message).toContain('took too long');
  expect(errorCatalogue[error.code]).toMatchObject({ status: 504, retry: false });
});

test.each(['ECONNREFUSED', '57P01', '53300'])('%s is an outage of the database', (code) => {
  expect(toKilnError(failure(code))).toMatchObject({ code: 'database_unavailable' });
});
