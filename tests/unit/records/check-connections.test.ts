import { refuseConnections } from '@kiln/shared/records/database/check-connections';
import { expect, test } from 'vitest';

const needs = { api: 13, worker: 22 };
const limits = {
  role: 'kiln',
  database: 'jobs',
  server: 100,
  reserved: 3,
  role_limit: -1,
  database_limit: -1,
  others: 0,
};

test.each([limits, { ...limits, server: 38 }, { ...limits, role_limit: 35, database_limit: 35 }])(
  'a database that allows an API process and a worker process is accepted: %o',
  (given) => {
    expect(refuseConnections(given, needs)).toBeNull();
  },
);

test('the refusal says what is allowed, what is needed, and what to change', () => {
  expect(refuseConnections({ ...limits, server: 20 }, needs)).toBe(
    'PostgreSQL at DATABASE_URL allows Kiln 17 connections, and Kiln needs 35: ' +
      'up to 13 for each API process and 22 for each worker process; ' +
      'set max_connections to 38 or more (it is 20, 3 of them reserved)',
  );
});

test('limits of the role and of the database count as well', () => {
  const refusal = refuseConnections({ ...limits, role_limit: 10, database_limit: 5 }, needs);
  expect(refusal).toContain('allows Kiln 5 connections');
  expect(refusal).toContain('alter role "kiln" connection limit 35 or more (it is 10)');
  expect(refusal).toContain('alter database "jobs" connection limit 35 or more (it is 5)');
  expect(refusal).not.toContain('max_connections');
});
