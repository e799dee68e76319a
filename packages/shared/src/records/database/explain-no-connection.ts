/**
 * Says in one sentence why PostgreSQL could not be reached at the start of a process, and what to
 * change. The words of the server name the user and the database, never the password.
 */

/** What to change, by the error code of PostgreSQL or of the operating system. */
const remedies: Readonly<Record<string, string>> = {
  '28P01': 'check the user and the password of DATABASE_URL, or DATABASE_PASSWORD',
  '28000': 'check the user of DATABASE_URL, and what pg_hba.conf allows',
  '3D000': 'create the database, or name another one in DATABASE_URL',
  '53300': 'raise max_connections, or stop other clients',
  ECONNREFUSED: 'start it, or check the host and the port of DATABASE_URL',
  ENOTFOUND: 'check the host of DATABASE_URL',
  EAI_AGAIN: 'check the host of DATABASE_URL, and the name servers',
};

/** Returns an error of one sentence with the first one as its cause. */
export function explainNoConnection(error: unknown): Error {
  // Where a host has several addresses, each has an error of its own.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  if (!(first instanceof Error)) return new Error(String(error));
  const { code = '' } = first as { code?: string };
  const isAnswer = /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
  const remedy = remedies[code];
  const what = isAnswer
    ? 'PostgreSQL at DATABASE_URL refuses'
    : 'no PostgreSQL answers at DATABASE_URL';
  return new Error(`${what}: ${first.message}` + (remedy === undefined ? '' : `; ${remedy}`), {
    cause: error,
  });
}
