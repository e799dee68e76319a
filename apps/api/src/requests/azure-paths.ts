/**
 * Maps the URLs of Azure's clients to our routes. The `openai` SDK's `AzureOpenAI` puts `/openai`
 * before every path, `/deployments/{d}` before those of images and new batches, and `?api-version=`
 * at the end; Azure's newer URLs start with `/openai/v1`.
 */

const underOpenai = /^\/openai(?:\/v1(?=\/)|(?=\/(?:images|files|batches|models)\b))/;
const batchesOfDeployment = /^\/openai\/deployments\/[^/]+\/batches$/;

/**
 * Image paths with a deployment stay unchanged: they have their own routes, because the deployment
 * selects the model there.
 */
export function toKilnAddress(url: string): string {
  if (!url.startsWith('/openai/')) return url;
  const [path, query = ''] = split(url);
  const ours = batchesOfDeployment.test(path) ? '/v1/batches' : path.replace(underOpenai, '/v1');
  // Drop the version, because Kiln has only one.
  const rest = query.split('&').filter((each) => each !== '' && !/^api-version(=|$)/.test(each));
  return rest.length === 0 ? ours : `${ours}?${rest.join('&')}`;
}

function split(url: string): [path: string, query?: string] {
  const at = url.indexOf('?');
  return at === -1 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}
