/**
 * The parameters of the provider's request for a stored job, and whether its answer is to be
 * streamed.
 */
import type { Deployment } from '../models/deployment.ts';
import type { StoredJobRequest } from '../schemas/job-request.ts';

/**
 * An Azure URL names the deployment, and a body with `model` besides is refused ("model does not
 * exist"); everywhere else `model` must be there. The pictures of an edit are no parameters
 * (`edit-form.ts`). A job whose caller watches it is streamed whatever the deployment does by
 * itself. `provider_options` go last: they may not repeat a field of the request
 * (`models/provider-option-rules.ts`).
 */
export function buildParameters(
  deployment: Deployment,
  model: string,
  request: StoredJobRequest,
): Record<string, unknown> {
  const {
    provider_options: extra,
    partial_images: watched,
    images: _images,
    mask: _mask,
    markup: _markup,
    ...parameters
  } = request;
  const partialImages = watched ?? deployment.stream?.partialImages;
  const body = { ...(deployment.azure === null ? { model } : {}), ...parameters, ...extra };
  if (partialImages === undefined || !canBeStreamed(body)) return body;
  return { ...body, stream: true, partial_images: partialImages };
}

/** The providers stream one image at a time, and neither gif nor svg. */
function canBeStreamed({ n, output_format: format }: Record<string, unknown>): boolean {
  return (n ?? 1) === 1 && format !== 'gif' && format !== 'svg';
}
