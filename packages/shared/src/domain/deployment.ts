/** Deployments and pools as configuration gives them, and which of them a job goes to. */

/** A quota: so many starts a minute, shared by the deployments that name it. */
export interface PoolSettings {
  name: string;
  /** Requests a minute the provider grants. */
  rpm: number;
}

/** One provider endpoint that serves a model (or, where `model` is null, whichever model a job names). */
export interface Deployment {
  name: string;
  pool: string;
  /** Whose rules of the model table hold, and how the endpoint is spoken to. */
  provider: 'azure' | 'openai';
  /** The one model it serves; null: any. */
  model: string | null;
  /** The model of a job that names none. */
  defaultModel: string;
  /** Azure: `https://…/openai` · OpenAI: `https://…/v1`. */
  baseUrl: string;
  apiKey: string;
  /** Azure: the deployment's name in the path, and the api-version. */
  azure: { deployment: string; apiVersion: string } | null;
  /** Calls are streamed where they can be, with 0 to 3 partial images on the way; null: never. */
  stream: { partialImages: number } | null;
}

export type DeploymentChoice =
  | { status: 'found'; deployment: Deployment; model: string }
  | { status: 'unserved'; served: string[] };

/** The deployment for a job that asks for `model` (undefined: the first deployment's own). */
export function chooseDeployment(
  deployments: readonly Deployment[],
  model: string | undefined,
): DeploymentChoice {
  for (const deployment of deployments) {
    if (model === undefined) return { status: 'found', deployment, model: deployment.defaultModel };
    if (deployment.model === null || deployment.model === model)
      return { status: 'found', deployment, model };
  }
  return { status: 'unserved', served: deployments.flatMap((deployment) => deployment.model ?? []) };
}

/** The deployment a job was accepted for; null where it is configured no longer. */
export function findDeployment(deployments: readonly Deployment[], name: string): Deployment | null {
  return deployments.find((deployment) => deployment.name === name) ?? null;
}
