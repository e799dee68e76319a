/**
 * Addresses as Azure's clients write them, as those of our routes. The `openai` SDK's `AzureOpenAI`
 * puts `/openai` before every path,
 * `/deployments/{d}` before those of images and of new batches, and `?api-version=` behind; Azure's
 * newer address is `/openai/v1`.
 */

const underOpenai = /^\/openai(?:\/v1(?=\/)|(?=\/(?:images|files|batches|models)\b))/;
const batchesOfDeployment = /^\/openai\/deployments\/[^/]+\/batches$/;

/**
 * The paths of images of a deployment stay as they are: they are routes, since the deployment has a
 * meaning there.
 */
export function toKilnAddress(url: string): string {
  if (!url.startsWith('/openai/')) return url;
  const [path, query = ''] = split(url);
  const ours = batchesOfDeployment.test(path) ? '/v1/batches' : path.replace(underOpenai, '/v1');
  // Whichever version is asked for, there is only one here.
  const rest = query.split('&').filter((each) => each !== '' && !/^api-version(=|$)/.test(each));
  return rest.length === 0 ? ours : `${ours}?${rest.join('&')}`;
}

function split(url: string): [path: string, query?: string] {
  const at = url.indexOf('?');
  return at === -1 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}
