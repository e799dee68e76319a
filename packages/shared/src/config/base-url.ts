/**
 * Turns the endpoint addresses that people paste into the base URLs that the OpenAI SDK expects.
 */

export const openaiUrl = 'https://api.openai.com/v1';

/**
 * Base URL of an Azure resource: everything before `/openai`, plus `/openai`. Takes the full
 * address of a deployment too, since that is what people paste.
 */
export function toAzureBaseUrl(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return `${origin}${pathname.split('/openai')[0]?.replace(/\/+$/, '') ?? ''}/openai`;
}

export function toOpenaiBaseUrl(endpoint: string): string {
  return endpoint.replace(/\/+$/, '');
}
