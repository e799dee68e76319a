import { explainNoConnection } from '@kiln/shared/records/database/explain-no-connection';
import { expect, test } from 'vitest';

function errorOf(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  [
    errorOf('28P01', 'password authentication failed for user "kiln"'),
    /^PostgreSQL at DATABASE_URL refuses: password authentication failed.*; check the user and/,
  ],
  [
    errorOf('3D000', 'database "kilm" does not exist'),
    /^PostgreSQL at DATABASE_URL refuses: database "kilm" does not exist; create the database/,
  ],
  [
    errorOf('ENOTFOUND', 'getaddrinfo ENOTFOUND db'),
    /^no PostgreSQL answers at DATABASE_URL: getaddrinfo ENOTFOUND db; check the host/,
  ],
  [
    new AggregateError([errorOf('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432')]),
    /^no PostgreSQL answers at DATABASE_URL: connect ECONNREFUSED ::1:5432; start it/,
  ],
  [new Error('timeout expired'), /^no PostgreSQL answers at DATABASE_URL: timeout expired$/],
])('%s', (error, sentence) => {
  expect(explainNoConnection(error).message).toMatch(sentence);
});
