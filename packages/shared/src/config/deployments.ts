/**
 * Reads deployments and pools from the environment: either the file that `KILN_DEPLOYMENTS` names,
 * or one deployment from the variables of a provider.
 */
import { deploymentDefaults, simulatorName, type Deployment } from '../models/deployment.ts';
import type { Quota } from '../domain/quota.ts';
import { toAzureBaseUrl, toOpenaiBaseUrl } from './base-url.ts';
import { readDeploymentsFile } from './deployments-file.ts';
import { defaultOpenaiModel, type Provision } from './provision.ts';
import type { Environment, ParsedEnvironment } from './environment.ts';

/** Name of the single deployment that variables configure, and of its pool. */
const onlyName = 'default';
/** What Azure grants a new deployment of an image model. */
const defaultRpm = 6;

/**
 * The provider that the settings configure; null: none, and `npm start` then runs the simulator.
 */
export function configuredProvider(environment: Environment): 'file' | 'azure' | 'openai' | null {
  const isSet = (...names: string[]) =>
    names.some((name) => (environment[name] ?? '').trim() !== '');
  if (isSet('KILN_DEPLOYMENTS')) return 'file';
  if (
    isSet(
      'AZURE_OPENAI_API_IMAGE_KEY',
      'AZURE_OPENAI_API_KEY',
      'AZURE_OPENAI_API_IMAGE_ENDPOINT',
      'AZURE_OPENAI_ENDPOINT',
    )
  )
    return 'azure';
  return isSet('OPENAI_API_KEY') ? 'openai' : null;
}

/** Adds each mistake to `problems`; the result is unusable when there was one. */
export function readDeployments(
  env: ParsedEnvironment,
  environment: Environment,
  problems: string[],
): Provision {
  const partialImages = env.KILN_STREAM_PARTIAL_IMAGES;
  const stream = partialImages === 'off' ? null : { partialImages: Number(partialImages) };
  if (env.KILN_DEPLOYMENTS !== undefined) {
    const defaults = { quota: quotaOf(env), apiVersion: env.AZURE_OPENAI_API_VERSION, stream };
    return readDeploymentsFile(env.KILN_DEPLOYMENTS, defaults, environment, problems);
  }
  const deployment = readOne(env, stream, problems);
  return {
    deployments: deployment === null ? [] : [deployment],
    pools: [{ name: onlyName, ...quotaOf(env) }],
  };
}

/** Azure's default quota is assumed only if no meter is set. */
function quotaOf({ KILN_RPM: rpm, KILN_IPM: ipm, KILN_TPM: tpm }: ParsedEnvironment): Quota {
  const isSet = rpm !== undefined || ipm !== undefined || tpm !== undefined;
  return { rpm: rpm ?? (isSet ? null : defaultRpm), ipm: ipm ?? null, tpm: tpm ?? null };
}

function readOne(
  env: ParsedEnvironment,
  stream: Deployment['stream'],
  problems: string[],
): Deployment | null {
  const azureKey = env.AZURE_OPENAI_API_IMAGE_KEY ?? env.AZURE_OPENAI_API_KEY;
  const azureEndpoint = env.AZURE_OPENAI_API_IMAGE_ENDPOINT ?? env.AZURE_OPENAI_ENDPOINT;
  if (azureKey !== undefined || azureEndpoint !== undefined) {
    const model = env.AZURE_OPENAI_API_IMAGE_MODEL;
    if (azureEndpoint === undefined)
      problems.push(
        'AZURE_OPENAI_API_IMAGE_ENDPOINT is not set, but an Azure key is: set it to the address of the Azure resource',
      );
    if (model === undefined)
      problems.push(
        'AZURE_OPENAI_API_IMAGE_MODEL is not set: set it to the name of the Azure deployment, such as gpt-image-2',
      );
    if (azureEndpoint === undefined || model === undefined) return null;
    return {
      ...deploymentDefaults,
      name: onlyName,
      pool: onlyName,
      provider: 'azure',
      model,
      defaultModel: model,
      baseUrl: toAzureBaseUrl(azureEndpoint),
      apiKey: azureKey ?? null,
      azure: { deployment: model, apiVersion: env.AZURE_OPENAI_API_VERSION },
      stream,
    };
  }
  const openai = {
    ...deploymentDefaults,
    pool: onlyName,
    provider: 'openai',
    model: null,
    defaultModel: defaultOpenaiModel,
    azure: null,
    stream,
  } as const;
  if (env.OPENAI_API_KEY !== undefined) {
    return {
      ...openai,
      name: onlyName,
      baseUrl: toOpenaiBaseUrl(env.OPENAI_BASE_URL),
      apiKey: env.OPENAI_API_KEY,
    };
  }
  if (env.KILN_SIMULATOR_URL !== undefined) {
    return {
      ...openai,
      name: simulatorName,
      baseUrl: `${toOpenaiBaseUrl(env.KILN_SIMULATOR_URL)}/v1`,
      apiKey: 'simulator',
    };
  }
  problems.push(
    'no provider is configured: set the AZURE_OPENAI_API_IMAGE_… variables, OPENAI_API_KEY or KILN_DEPLOYMENTS, or KILN_SIMULATOR_URL for the simulator',
  );
  return null;
}
