/**
 * Deployments and pools as the configuration describes them. `routes.ts` says which of them may
 * take a job.
 */
import type { Quota } from '../domain/quota.ts';
import type { Provider } from './model-table.ts';

/** A quota that all deployments share that name the pool. At least one meter is not null. */
export interface PoolSettings extends Quota {
  name: string;
}

/** One endpoint of a provider. It serves one model, or any model when `model` is null. */
export interface Deployment {
  name: string;
  pool: string;
  /** Decides which rules of the model table apply, and which protocol the endpoint speaks. */
  provider: Provider;
  /** The only model it serves; null for any. */
  model: string | null;
  /** The model of a job that does not name one. */
  defaultModel: string;
  /** `https://…/openai` for Azure, `https://…/v1` for OpenAI; without query or final slash. */
  baseUrl: string;
  /** null: the deployment has no key. */
  apiKey: string | null;
  /**
   * Azure's API of deployments: the name in the path, and the api-version. null: the endpoint is
   * called as OpenAI's API, also Azure's own at `/openai/v1`.
   */
  azure: { deployment: string; apiVersion: string } | null;
  /** The `model` of every request, where it differs from the name of the model; null: the model. */
  sentModel: string | null;
  /**
   * Kiln signs in with Microsoft Entra ID, in the way that this machine is configured for. null: it
   * does not.
   */
  entra: EntraSettings | null;
  /** Headers of every request, with lower-case names. Their values may be secret. */
  headers: Readonly<Record<string, string>>;
  /** Parameters of every request's address. Their values may be secret. */
  query: Readonly<Record<string, string>>;
  /** Stream calls when possible, with 0 to 3 partial images; null: never stream. */
  stream: { partialImages: number } | null;
  /** `b64_json`: each request asks for base64; null: the request says nothing about it. */
  responseFormat: 'b64_json' | null;
  /**
   * Hosts, besides the endpoint's own, from which Kiln may fetch a picture that is answered as an
   * address: `host`, `host:port`, or `*.host` for every name below it.
   */
  imageHosts: readonly string[];
}

export interface EntraSettings {
  /** What the token is for, such as `https://cognitiveservices.azure.com/.default`. */
  scope: string;
  /** Where the token comes from; null: as the machine's environment says. */
  authority: string | null;
}

/** The settings of a deployment that few need, as they are when the configuration omits them. */
export const deploymentDefaults = {
  sentModel: null,
  entra: null,
  headers: {},
  query: {},
  responseFormat: null,
  imageHosts: [],
} as const;

/** The deployment that Kiln uses when no provider is configured. */
export const simulatorName = 'simulator';

/** Finds a deployment by name; null when it is no longer configured. */
export function findDeployment(
  deployments: readonly Deployment[],
  name: string,
): Deployment | null {
  return deployments.find((deployment) => deployment.name === name) ?? null;
}

/**
 * Whether Kiln may fetch a picture from this address: on the endpoint's own origin, or on a host
 * that the deployment allows, over https.
 */
export function mayFetchPicture({ baseUrl, imageHosts }: Deployment, address: URL): boolean {
  if (address.origin === new URL(baseUrl).origin) return true;
  if (address.protocol !== 'https:') return false;
  return imageHosts.some((allowed) => {
    const isAnyBelow = allowed.startsWith('*.');
    const wanted = new URL(`https://${isAnyBelow ? allowed.slice(2) : allowed}`);
    if (wanted.port !== address.port) return false;
    return isAnyBelow
      ? address.hostname.endsWith(`.${wanted.hostname}`)
      : address.hostname === wanted.hostname;
  });
}
