/** Explains in a clause why a store could not be reached. */

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'the connection took too long',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  TimeoutError: 'the connection took too long',
  NoAnswerInTime: 'it took too long',
};

/** Returns null for errors of another kind. */
export function networkReason(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at ? String(at.code) : '';
    // Several addresses were tried; each has an error of its own.
    const inner = at instanceof AggregateError ? networkReason(at.errors[0]) : null;
    const reason = reasons[code] ?? reasons[at.name] ?? inner;
    if (reason !== undefined && reason !== null) return reason;
    if (/CERT|TLS|SSL/.test(code)) return `its certificate was not accepted (${code})`;
  }
  return null;
}
