/**
 * Says where the servers of a test run come from. `KILN_TEST_ENGINES` lists those that run in
 * containers: any of postgres, redis and s3, or `docker` for all three. The others are found on the
 * machine: PostgreSQL comes from npm, Redis and S3 from whatever there is.
 */
export const sourceVariable = 'KILN_TEST_ENGINES';

const servers = ['postgres', 'redis', 's3'] as const;

export type TestServer = (typeof servers)[number];

export function isOnDocker(server: TestServer, value = process.env[sourceVariable]): boolean {
  const names = (value ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'machine');
  const known: readonly string[] = [...servers, 'docker'];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(
      `${sourceVariable} contains "${unknown}"; it must be docker, machine, or a list of ` +
        servers.join(', '),
    );
  return names.includes('docker') || names.includes(server);
}
