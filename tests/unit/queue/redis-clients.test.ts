import { isNotPrimary } from '@kiln/shared/queue/redis-clients';
import { expect, test } from 'vitest';

test.each([
  "READONLY You can't write against a read only replica.",
  'ERR Error running script (call to f_1): @user_script:12: @user_script: 12: -READONLY You ' +
    'can not write against a read only replica.',
  'LOADING Redis is loading the dataset in memory',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
])('the client connects again after "%s"', (message) => {
  expect(isNotPrimary(new Error(message))).toBe(true);
});

test.each([
  'NOAUTH Authentication required.',
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  'OOM command not allowed when used memory > maxmemory.',
  'Connection is closed.',
])('"%s" is no reason to connect again', (message) => {
  expect(isNotPrimary(new Error(message))).toBe(false);
});
