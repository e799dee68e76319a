/**
 * Tells which callers can follow a redirect to the object store. Azure's clients cannot: the
 * `openai` SDK follows no redirect of a request with an `api-key`, so that the key does not reach
 * another server. The script of a web page could only read from a store that allows its origin; a
 * browser says so by `Origin` or, for a script of Kiln's own page, by `Sec-Fetch-*`.
 */
import type { FastifyRequest } from 'fastify';

/** The original address may have the prefix of a proxy before `/openai/`. */
export function followsRedirects({ headers, originalUrl }: FastifyRequest): boolean {
  const isAzureClient = headers['api-key'] !== undefined || /^[^?]*\/openai\//.test(originalUrl);
  // Node's fetch sends the mode as well, but no site.
  const isOwnScript =
    headers['sec-fetch-mode'] === 'cors' && headers['sec-fetch-site'] === 'same-origin';
  const isScript = headers.origin !== undefined || isOwnScript;
  return !isAzureClient && !isScript;
}
