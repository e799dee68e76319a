/**
 * Builds the parameters of the provider's request for a job and decides whether the call is
 * streamed.
 */
import type { Deployment } from '../models/deployment.ts';
import type { StoredJobRequest } from '../schemas/job-request.ts';
import type { RequestFields } from '../schemas/request-field.ts';
import { requestFields } from '../schemas/request-fields.ts';

/**
 * Sends the fields that the table of request fields calls a `parameter` under their own names, and
 * then `provider_options`, which may hold no field that Kiln knows
 * (`models/provider-option-rules.ts`). Pictures are sent as files (`edit-form.ts`). Azure's URL
 * names the deployment, and Azure refuses a body that also has `model` ("model does not exist");
 * every other provider needs it. When the client follows the job on a stream, the call is streamed
 * whatever the deployment's own setting is.
 */
export function buildParameters(
  deployment: Deployment,
  model: string,
  request: StoredJobRequest,
  fields: RequestFields = requestFields,
): Record<string, unknown> {
  const parameters = Object.entries(request).filter(
    ([name]) => fields[name]?.sentAs === 'parameter',
  );
  const partialImages = request.partial_images ?? deployment.stream?.partialImages;
  const body: Record<string, unknown> = {
    ...(deployment.azure === null ? { model: deployment.sentModel ?? model } : {}),
    ...(deployment.responseFormat === null ? {} : { response_format: deployment.responseFormat }),
    ...Object.fromEntries(parameters),
    ...request.provider_options,
  };
  if (partialImages === undefined || !canBeStreamed(body)) return body;
  return { ...body, stream: true, partial_images: partialImages };
}

/** The providers stream one image at a time, and neither gif nor svg. */
function canBeStreamed({ n, output_format: format }: Record<string, unknown>): boolean {
  return (n ?? 1) === 1 && format !== 'gif' && format !== 'svg';
}
