/** Addresses as people paste them, and as the SDK wants them. */

export const openaiUrl = 'https://api.openai.com/v1';

/**
 * People paste the whole address of a deployment; the SDK wants what stands before `/openai`, plus
 * `/openai`.
 */
export function toAzureBaseUrl(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return `${origin}${pathname.split('/openai')[0]?.replace(/\/+$/, '') ?? ''}/openai`;
}

export function toOpenaiBaseUrl(endpoint: string): string {
  return endpoint.replace(/\/+$/, '');
}
