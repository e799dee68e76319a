/**
 * Parses `KILN_CORS_ORIGINS`, the list of origins whose web pages may call Kiln from a browser.
 */

/** Stands for every origin. */
const any = '*';

/** What a browser may send as `Origin`: a scheme, a host and a port, without a path. */
const originForm = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*,]+\/?$/i;

/**
 * Adds a sentence to `problems` for each entry that is no origin, and for `*` without API keys:
 * every page that a user opens could then spend money.
 */
export function parseCorsOrigins(text: string, hasKeys: boolean, problems: string[]): string[] {
  const origins = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const origin = entry === any ? any : toOrigin(entry);
      if (origin === null)
        problems.push(
          `KILN_CORS_ORIGINS contains "${entry.slice(0, 200)}"; use origins without a path, such ` +
            'as https://studio.example.com or http://localhost:5173, or * for every page',
        );
      return origin ?? [];
    });
  if (origins.includes(any) && !hasKeys)
    problems.push(
      'KILN_CORS_ORIGINS is *, which lets every web page use Kiln, but KILN_API_KEYS is not set: ' +
        'name the origins, or set KILN_API_KEYS',
    );
  return origins.includes(any) ? [any] : origins;
}

/** `origin` as browsers send it. `null`, which any page can have, is never allowed. */
export function isAllowedOrigin(origins: readonly string[], origin: string): boolean {
  return origin !== 'null' && (origins.includes(any) || origins.includes(origin));
}

/** A page may send cookies of its user only if its own origin is listed. */
export function mayHaveCredentials(origins: readonly string[]): boolean {
  return !origins.includes(any);
}

/**
 * Writes an origin as browsers do: a lower-case host without the scheme's usual port. Schemes of
 * apps and extensions (`capacitor://localhost`) have no such port.
 */
function toOrigin(entry: string): string | null {
  if (!originForm.test(entry)) return null;
  const origin = URL.parse(entry)?.origin ?? 'null';
  const isWeb = /^https?:/i.test(entry);
  if (isWeb) return origin === 'null' ? null : origin;
  return entry.replace(/\/$/, '').toLowerCase();
}
