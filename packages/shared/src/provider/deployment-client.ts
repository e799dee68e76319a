/**
 * The official client for one deployment: its address, how it signs in, and the headers and
 * parameters that each request carries. `provider.ts` lets it build the requests and sends them
 * itself. It reads nothing from the environment.
 */
import { OpenAI } from 'openai';
import type { Deployment } from '../models/deployment.ts';
import type { SignIn } from './entra.ts';

export function createDeploymentClient(
  deployment: Deployment,
  { callTimeoutMs, getToken }: { callTimeoutMs: number; getToken: SignIn },
): OpenAI {
  const { baseUrl, azure, apiKey, entra, headers, query } = deployment;
  return new OpenAI({
    // The SDK's class for Azure would leave the deployment out where the path of a gateway contains
    // a segment `deployments`.
    baseURL:
      azure === null ? baseUrl : `${baseUrl}/deployments/${encodeURIComponent(azure.deployment)}`,
    // Not undefined, for which the SDK would read the environment, and not empty, which it refuses.
    apiKey: entra === null ? (apiKey ?? 'none') : () => getToken(entra),
    defaultHeaders: { ...signInHeaders(deployment), ...headers },
    defaultQuery: { ...query, ...(azure !== null && { 'api-version': azure.apiVersion }) },
    maxRetries: 0,
    logLevel: 'off',
    // The caller's own deadline applies; the SDK's covers only the wait for headers.
    timeout: callTimeoutMs + 5_000,
    // Set these explicitly, because the SDK would otherwise read them from the environment.
    organization: null,
    project: null,
    webhookSecret: null,
    adminAPIKey: null,
  });
}

/** The SDK sends `authorization: Bearer <key>`, which is right for OpenAI and for tokens. */
function signInHeaders({ provider, apiKey, entra }: Deployment): Record<string, string | null> {
  if (entra !== null) return {};
  if (apiKey === null) return { authorization: null };
  return provider === 'azure' ? { authorization: null, 'api-key': apiKey } : {};
}
