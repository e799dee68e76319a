/** The parameters of the provider's request for a stored job, and whether its answer is to be streamed. */
import type { Deployment } from '../domain/deployment.ts';
import type { StoredJobRequest } from '../schemas/job-request.ts';

/**
 * An Azure URL names the deployment, and a body with `model` besides is refused ("model does not exist"); everywhere else `model` must
 * be there. The pictures of an edit are no parameters (`edit-form.ts`). `provider_options` go last: they may not repeat a field of the request (`domain/provider-option-rules.ts`).
 */
export function buildParameters(
  deployment: Deployment,
  model: string,
  request: StoredJobRequest,
): Record<string, unknown> {
  const { provider_options: extra, images: _images, mask: _mask, markup: _markup, ...parameters } = request;
  const body = { ...(deployment.azure === null ? { model } : {}), ...parameters, ...extra };
  if (deployment.stream === null || !canBeStreamed(body)) return body;
  return { ...body, stream: true, partial_images: deployment.stream.partialImages };
}

/** The providers stream one image at a time, and neither gif nor svg. */
function canBeStreamed({ n, output_format: format }: Record<string, unknown>): boolean {
  return (n ?? 1) === 1 && format !== 'gif' && format !== 'svg';
}
