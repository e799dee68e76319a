/**
 * Deployments and pools as configuration gives them. Which of them a job may go to: `routes.ts`.
 */
import type { Provider } from './model-table.ts';

/** A quota: so many starts a minute, shared by the deployments that name it. */
export interface PoolSettings {
  name: string;
  /** Requests a minute the provider grants. */
  rpm: number;
}

/**
 * One provider endpoint that serves a model (or, where `model` is null, whichever model a job
 * names).
 */
export interface Deployment {
  name: string;
  pool: string;
  /** Whose rules of the model table hold, and how the endpoint is spoken to. */
  provider: Provider;
  /** The one model it serves; null: any. */
  model: string | null;
  /** The model of a job that names none. */
  defaultModel: string;
  /** Azure: `https://…/openai` · OpenAI: `https://…/v1`. */
  baseUrl: string;
  /** null: Microsoft Entra ID, as the machine is signed in. */
  apiKey: string | null;
  /** Azure: the deployment's name in the path, and the api-version. */
  azure: { deployment: string; apiVersion: string } | null;
  /** Calls are streamed where they can be, with 0 to 3 partial images on the way; null: never. */
  stream: { partialImages: number } | null;
}

/** The name of the deployment that stands in where no provider is configured. */
export const simulatorName = 'simulator';

/** A deployment by its name; null where it is configured no longer. */
export function findDeployment(
  deployments: readonly Deployment[],
  name: string,
): Deployment | null {
  return deployments.find((deployment) => deployment.name === name) ?? null;
}
