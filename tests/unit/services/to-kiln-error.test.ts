import { errorCatalogue } from '@kiln/shared/errors';
import { toKilnError } from '@kiln/shared/services/to-kiln-error';
import { expect, test } from 'vitest';

const failure = (code: string) => Object.assign(new Error('failed'), { code });

test.each(['ECONNREFUSED', '57P01', '53300'])(
  '%s is an outage of the database, after which clients try again',
  (code) => {
    const error = toKilnError(failure(code));
    expect(error).toMatchObject({ code: 'database_unavailable' });
    expect(errorCatalogue[error.code]).toMatchObject({ status: 503, retry: true });
  },
);

test('a statement that was stopped at its time limit is no outage, and clients try again', () => {
  const error = toKilnError(failure('57014'));
  expect(error).toMatchObject({ code: 'database_slow' });
  expect(errorCatalogue[error.code]).toMatchObject({ status: 503, retry: true });
});
