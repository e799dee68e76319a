import { expect, test } from 'vitest';
import { isOnDocker, type TestServer } from '../../support/engines/engine-source.ts';

const servers: TestServer[] = ['postgres', 'redis', 's3'];

test.each([
  [undefined, []],
  ['', []],
  ['machine', []],
  ['docker', servers],
  ['postgres', ['postgres']],
  ['postgres, redis', ['postgres', 'redis']],
])('KILN_TEST_ENGINES=%s runs %j in containers', (value, expected) => {
  expect(servers.filter((server) => isOnDocker(server, value))).toEqual(expected);
});

test('another name is refused with those that are allowed', () => {
  expect(() => isOnDocker('redis', 'postgres,mysql')).toThrow(
    'KILN_TEST_ENGINES contains "mysql"; it must be docker, machine, or a list of postgres, redis',
  );
});
