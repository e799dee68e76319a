/**
 * Says where the servers of a test run come from. `KILN_TEST_ENGINES=docker` runs PostgreSQL, Redis
 * and S3 in containers. Without it, PostgreSQL comes from npm, and Redis and S3 from whatever the
 * machine has.
 */
export const sourceVariable = 'KILN_TEST_ENGINES';

export function isOnDocker(value = process.env[sourceVariable]): boolean {
  if (!value || value === 'machine') return false;
  if (value === 'docker') return true;
  throw new Error(`${sourceVariable} is "${value}"; it must be docker or machine`);
}
