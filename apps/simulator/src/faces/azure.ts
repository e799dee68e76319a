/** Azure OpenAI's refusals for keys, versions, deployments and quota. */
import { buildRetryHeaders, toSeconds, type Answer } from './answer.ts';

export function refuseAzureKey(): Answer {
  const message =
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide ' +
    'a valid key for an active subscription and use a correct regional API endpoint for your ' +
    'resource.';
  return { status: 401, headers: {}, body: { error: { code: '401', message } } };
}

/** Also the answer to a missing `api-version`. */
export function refuseAzurePath(): Answer {
  return {
    status: 404,
    headers: {},
    body: { error: { code: '404', message: 'Resource not found' } },
  };
}

export function refuseDeployment(): Answer {
  const message =
    'The API deployment for this resource does not exist. If you created the deployment within ' +
    'the last 5 minutes, please wait a moment and try again.';
  return { status: 404, headers: {}, body: { error: { code: 'DeploymentNotFound', message } } };
}

export function refuseAzureQuota(
  { apiVersion, isEdit }: { apiVersion: string | null; isEdit: boolean },
  waitMs: number,
): Answer {
  const message =
    `Requests to the ${isEdit ? 'ImageEdits_Create' : 'ImageGenerations_Create'}` +
    ` Operation under Azure OpenAI API version ${apiVersion ?? 'v1'} have exceeded` +
    ` call rate limit of your current AIServices S0 pricing tier. Please retry` +
    ` after ${toSeconds(waitMs)} seconds.`;
  return {
    status: 429,
    headers: buildRetryHeaders(waitMs),
    body: { error: { code: '429', message } },
  };
}

/**
 * A deployment's URL determines the model; a `model` in the body is looked up as a second
 * deployment and is not found.
 */
export function refuseModelInBody(model: string): Answer {
  const error = {
    message: `The model '${model}' does not exist.`,
    type: 'invalid_request_error',
    param: 'model',
    code: 'model_not_found',
  };
  return { status: 400, headers: {}, body: { error } };
}
