/**
 * Reads the address of an endpoint as people paste it: a resource, a gateway, or the whole address
 * of a deployment as the portal shows it, with its name and api-version. Only whole segments of the
 * path are recognised, and a path that Kiln does not know stays as it is: a key must never be sent
 * to another API than the one that was named.
 */

export const openaiUrl = 'https://api.openai.com/v1';

export interface EndpointAddress {
  /** Without query and without a slash at its end; `/images/generations` follows. */
  baseUrl: string;
  /** Parameters of the address, without `api-version`. */
  query: Record<string, string>;
}

export interface AzureAddress extends EndpointAddress {
  /**
   * `deployments`: `/deployments/<name>` follows the base URL. `v1`: the path is OpenAI's, and the
   * body names the deployment.
   */
  api: 'deployments' | 'v1';
  /** The deployment that the address names; null: none. */
  deployment: string | null;
  /** The api-version that the address has; null: none. */
  apiVersion: string | null;
}

export function parseAzureAddress(address: string): AzureAddress {
  const url = new URL(address);
  const segments = segmentsOf(url);
  const { 'api-version': apiVersion, ...query } = Object.fromEntries(url.searchParams);
  const cut = findAzureApi(segments);
  const path = segments.slice(0, cut.keep).join('/');
  return {
    // The address of a resource has no path; every resource has its API at /openai.
    baseUrl: `${url.origin}${path === '' ? '/openai' : path}`,
    query,
    api: cut.api,
    deployment: cut.deployment,
    apiVersion: apiVersion ?? null,
  };
}

/** Like the official SDK, this adds no `/v1`, except for OpenAI itself, which has no other API. */
export function parseOpenaiAddress(address: string): EndpointAddress {
  const url = new URL(address);
  const segments = segmentsOf(url);
  const kept = isImagesRequest(segments.slice(-2)) ? segments.slice(0, -2) : segments;
  const path = kept.join('/');
  const isBare = path === '' && /(^|\.)api\.openai\.com$/.test(url.hostname);
  return {
    baseUrl: `${url.origin}${isBare ? '/v1' : path}`,
    query: Object.fromEntries(url.searchParams),
  };
}

/** The segments of the path; the first is empty, and none is at the end. */
function segmentsOf({ pathname }: URL): string[] {
  return pathname.replace(/\/+$/, '').split('/');
}

/** Parts of Azure's API that may follow `/openai` or `/openai/v1` in an address that was pasted. */
const azureApiParts = [
  'deployments',
  'images',
  'chat',
  'completions',
  'responses',
  'models',
  'embeddings',
  'audio',
];

/**
 * Finds where the base URL ends: behind the last segment `openai` or `v1` that is followed by
 * nothing or by a part of Azure's API, or before `/deployments/<name>`. Otherwise everything is
 * kept.
 */
function findAzureApi(segments: readonly string[]): {
  keep: number;
  api: AzureAddress['api'];
  deployment: string | null;
} {
  for (let at = segments.length - 1; at > 0; at -= 1) {
    const segment = segments[at]?.toLowerCase();
    const [next, ...rest] = segments.slice(at + 1);
    if (segment === 'deployments' && next !== undefined && isEndOrImages(rest))
      return { keep: at, api: 'deployments', deployment: decode(next) };
    if (segment === 'v1' && isImagesRequest(segments.slice(at + 1)))
      return { keep: at + 1, api: 'v1', deployment: null };
    if (segment !== 'openai' || segments[at - 1] === 'deployments') continue;
    if (next === undefined || azureApiParts.includes(next))
      return { keep: at + 1, api: 'deployments', deployment: null };
    if (next === 'v1' && (rest[0] === undefined || azureApiParts.includes(rest[0])))
      return { keep: at + 2, api: 'v1', deployment: null };
  }
  return { keep: segments.length, api: 'deployments', deployment: null };
}

function isEndOrImages(segments: readonly string[]): boolean {
  return segments.length === 0 || isImagesRequest(segments);
}

function isImagesRequest([images, operation, ...more]: readonly string[]): boolean {
  return (
    images === 'images' && ['generations', 'edits'].includes(operation ?? '') && more.length === 0
  );
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
