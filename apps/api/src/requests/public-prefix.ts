/**
 * Some proxies pass paths on with the prefix under which callers know this API, others without it.
 * Kiln takes both.
 */

/**
 * First segments of the API's own paths. A prefix that begins with one cannot be told from them,
 * and no address of the studio begins with one.
 */
export const ownSegments = /^\/(v1|openai|docs|openapi\.json|livez|readyz|metrics)(\/|$)/;

/** Removes the path of `KILN_PUBLIC_URL` from the front of a request's path. */
export function withoutPrefix(url: string, publicUrl: string | null): string {
  if (publicUrl === null) return url;
  const prefix = new URL(publicUrl).pathname;
  if (prefix === '/' || ownSegments.test(prefix) || !url.startsWith(prefix)) return url;
  const rest = url.slice(prefix.length);
  return rest.startsWith('/') ? rest : rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}
