/**
 * Checks the URLs of PostgreSQL and Redis, and puts a password in that was given beside them.
 *
 * A character such as `#` or `/` in a password ends the host's part of a URL. What follows would be
 * taken for a port, a database or a host, fail somewhere else, and appear in messages and logs. So
 * such a URL is refused here, and no message repeats any part of it.
 */

/** Returns what is wrong with the special characters of a URL, or null. */
export function findUrlMistake(url: string): string | null {
  if (/[/?#].*@/s.test(withoutScheme(url)) || url.includes('#'))
    return (
      'has a "#", or an "@" behind a "/" or "?": in a user name, a password or a parameter write ' +
      '# as %23, / as %2F, ? as %3F and @ as %40'
    );
  if (!hasReadableLogin(url))
    return (
      'has a user name or password with a "%" that is not followed by the two hexadecimal digits ' +
      'of a character: write % as %25'
    );
  return null;
}

/**
 * Returns the URL with the password, which may have any characters. A URL that has a password
 * keeps its own.
 */
export function addPassword(url: string, password: string | undefined): string {
  const [, scheme = '', , login = '', rest = ''] =
    /^([a-z-]+:\/\/)(([^/?#]*)@)?(.*)$/is.exec(url) ?? [];
  // Sentinels and clusters also take a password without a user, as Redis' own tools do.
  const isPasswordAlone = /-(?:sentinel|cluster):/i.test(scheme) && login !== '';
  if (password === undefined || /:./s.test(login) || (isPasswordAlone && !login.includes(':')))
    return url;
  return `${scheme}${login.replace(/:$/, '')}:${encodeURIComponent(password)}@${rest}`;
}

function withoutScheme(url: string): string {
  return url.slice(url.indexOf('://') + 3);
}

function hasReadableLogin(url: string): boolean {
  const [, login = ''] = /^([^/?#]*)@/.exec(withoutScheme(url)) ?? [];
  try {
    decodeURIComponent(login);
    return true;
  } catch {
    return false;
  }
}
