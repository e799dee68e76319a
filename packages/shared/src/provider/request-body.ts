/** The body of the provider's request for a stored job. */
import type { Deployment } from '../domain/deployment.ts';
import type { StoredJobRequest } from '../schemas/job-request.ts';

/**
 * An Azure URL names the deployment, and a body with `model` besides is refused ("model does not exist"); everywhere else `model` must
 * be there. `provider_options` go last: they may not repeat a field of the request (`domain/provider-option-rules.ts`).
 */
export function buildRequestBody(
  deployment: Deployment,
  model: string,
  request: StoredJobRequest,
): Record<string, unknown> {
  const { provider_options: extra, ...parameters } = request;
  return { ...(deployment.azure === null ? { model } : {}), ...parameters, ...extra };
}
