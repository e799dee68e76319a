/** What the tests of the provider client call, and with what. */
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import type { CallRequest } from '@kiln/shared/provider/provider';

/** A deployment of OpenAI; a test sets its `baseUrl`. */
export const openaiDeployment: Deployment = {
  ...deploymentDefaults,
  name: 'default',
  pool: 'default',
  provider: 'openai',
  model: null,
  defaultModel: 'gpt-image-2',
  azure: null,
  stream: null,
  baseUrl: '',
  apiKey: 'key',
};

/** The first call of a job for one picture. */
export function callOf(changes: Partial<CallRequest> = {}): CallRequest {
  return {
    model: 'gpt-image-2',
    request: { prompt: 'A boat' },
    sources: null,
    jobId: 'job_1',
    attemptNo: 1,
    requestId: 'req_1',
    signal: new AbortController().signal,
    onWritten: () => undefined,
    onPartial: () => undefined,
    ...changes,
  };
}
