/**
 * Tells which callers can follow a redirect to the object store. Azure's clients cannot: the
 * `openai` SDK follows no redirect of a request with an `api-key`, so that the key does not reach
 * another server. The script of a web page could only read from a store that allows its origin.
 */
import type { FastifyRequest } from 'fastify';

export function followsRedirects({ headers, originalUrl }: FastifyRequest): boolean {
  const isAzureClient = headers['api-key'] !== undefined || originalUrl.startsWith('/openai/');
  return !isAzureClient && headers.origin === undefined;
}
