/**
 * Reads deployments and pools from the environment: either the file that `KILN_DEPLOYMENTS` names,
 * or one deployment from the variables of a provider.
 */
import type { Quota } from '../domain/quota.ts';
import { simulatorName, type Deployment } from '../models/deployment.ts';
import {
  buildAzureDeployment,
  buildOpenaiDeployment,
  warnOfUnknownModel,
  type DeploymentSettings,
  type Findings,
  type SettingNames,
} from './build-deployment.ts';
import { readDeploymentsFile, type FileDefaults } from './deployments-file.ts';
import { parseAzureAddress } from './endpoint-address.ts';
import type { Provision } from './provision.ts';
import type { Environment, ParsedEnvironment } from './environment.ts';
import { isSet } from './secret-files.ts';

/** Name of the single deployment that variables configure, and of its pool. */
const onlyName = 'default';
/** What Azure grants a new deployment of an image model. */
const defaultRpm = 6;
const defaultApiVersion = '2025-04-01-preview';

const names: SettingNames = {
  endpoint: 'AZURE_OPENAI_API_IMAGE_ENDPOINT',
  deployment: 'AZURE_OPENAI_API_IMAGE_MODEL',
  apiVersion: 'AZURE_OPENAI_API_VERSION',
  apiKey: 'AZURE_OPENAI_API_IMAGE_KEY',
  auth: 'the sign-in',
  scope: 'KILN_ENTRA_SCOPE',
  authority: 'AZURE_AUTHORITY_HOST',
};

/**
 * The provider that the settings configure; null: none, and `npm start` then runs the simulator.
 */
export function configuredProvider(environment: Environment): 'file' | 'azure' | 'openai' | null {
  const isAnySet = (...variables: string[]) => variables.some((name) => isSet(environment, name));
  if (isAnySet('KILN_DEPLOYMENTS')) return 'file';
  if (
    isAnySet(
      'AZURE_OPENAI_API_IMAGE_KEY',
      'AZURE_OPENAI_API_KEY',
      'AZURE_OPENAI_API_IMAGE_ENDPOINT',
      'AZURE_OPENAI_ENDPOINT',
    )
  )
    return 'azure';
  return isAnySet('OPENAI_API_KEY') ? 'openai' : null;
}

/** Adds each mistake to the findings; the result is unusable when there was a problem. */
export function readDeployments(
  env: ParsedEnvironment,
  environment: Environment,
  findings: Findings,
): Provision {
  const partialImages = env.KILN_STREAM_PARTIAL_IMAGES;
  const defaults = {
    quota: quotaOf(env),
    apiVersion: env.AZURE_OPENAI_API_VERSION ?? defaultApiVersion,
    stream: partialImages === 'off' ? null : { partialImages: Number(partialImages) },
    entra: { scope: env.KILN_ENTRA_SCOPE, authority: env.AZURE_AUTHORITY_HOST },
  };
  if (env.KILN_DEPLOYMENTS !== undefined)
    return readDeploymentsFile(env.KILN_DEPLOYMENTS, defaults, environment, findings);
  const deployment = readOne(env, defaults, findings);
  return {
    deployments: deployment === null ? [] : [deployment],
    pools: [{ name: onlyName, ...quotaOf(env) }],
  };
}

/** Azure's default quota is assumed only if no meter is set. */
function quotaOf({ KILN_RPM: rpm, KILN_IPM: ipm, KILN_TPM: tpm }: ParsedEnvironment): Quota {
  const isAnySet = rpm !== undefined || ipm !== undefined || tpm !== undefined;
  return { rpm: rpm ?? (isAnySet ? null : defaultRpm), ipm: ipm ?? null, tpm: tpm ?? null };
}

function readOne(
  env: ParsedEnvironment,
  { stream, entra }: FileDefaults,
  findings: Findings,
): Deployment | null {
  const shared = {
    name: onlyName,
    pool: onlyName,
    model: undefined,
    deployment: undefined,
    apiVersion: undefined,
    defaultModel: env.KILN_MODEL,
    defaultApiVersion,
    auth: undefined,
    entra,
    headers: {},
    query: {},
    stream,
    responseFormat: null,
    imageHosts: [],
  };
  const { problems, warnings } = findings;
  const isAzure =
    env.AZURE_OPENAI_API_IMAGE_KEY ??
    env.AZURE_OPENAI_API_KEY ??
    env.AZURE_OPENAI_API_IMAGE_ENDPOINT ??
    env.AZURE_OPENAI_ENDPOINT;
  if (isAzure !== undefined) return readAzure(env, shared, findings);
  if (env.KILN_MODEL !== undefined)
    warnOfUnknownModel(env.KILN_MODEL, 'KILN_MODEL is the model of jobs that name none', warnings);
  if (env.OPENAI_API_KEY !== undefined) {
    const settings = { ...shared, endpoint: env.OPENAI_BASE_URL, apiKey: env.OPENAI_API_KEY };
    const openaiNames = { ...names, endpoint: 'OPENAI_BASE_URL', apiKey: 'OPENAI_API_KEY' };
    return buildOpenaiDeployment(settings, openaiNames, findings);
  }
  if (env.KILN_SIMULATOR_URL !== undefined) {
    const endpoint = `${env.KILN_SIMULATOR_URL.replace(/\/+$/, '')}/v1`;
    const settings = { ...shared, name: simulatorName, endpoint, apiKey: 'simulator' };
    return buildOpenaiDeployment(settings, { ...names, endpoint: 'KILN_SIMULATOR_URL' }, findings);
  }
  problems.push(
    'no provider is configured: set the AZURE_OPENAI_API_IMAGE_… variables, OPENAI_API_KEY or ' +
      'KILN_DEPLOYMENTS, or KILN_SIMULATOR_URL for the simulator',
  );
  return null;
}

function readAzure(
  env: ParsedEnvironment,
  shared: Omit<DeploymentSettings, 'endpoint' | 'apiKey'>,
  findings: Findings,
): Deployment | null {
  const endpoint = env.AZURE_OPENAI_API_IMAGE_ENDPOINT ?? env.AZURE_OPENAI_ENDPOINT;
  const address = endpoint === undefined ? null : parseAzureAddress(endpoint);
  const deployment = env.AZURE_OPENAI_API_IMAGE_MODEL ?? address?.deployment ?? null;
  if (endpoint === undefined)
    findings.problems.push(
      'AZURE_OPENAI_API_IMAGE_ENDPOINT is not set, but an Azure key is: set it to the address ' +
        'of the Azure resource',
    );
  if (deployment === null)
    findings.problems.push(
      'AZURE_OPENAI_API_IMAGE_MODEL is not set: set it to the name of the Azure deployment, ' +
        'such as gpt-image-2',
    );
  if (endpoint === undefined || deployment === null) return null;
  const model = env.KILN_MODEL ?? deployment;
  const called =
    env.KILN_MODEL === undefined
      ? 'AZURE_OPENAI_API_IMAGE_MODEL names the deployment and KILN_MODEL, its model, is not set'
      : 'KILN_MODEL is the model behind the deployment';
  warnOfUnknownModel(model, called, findings.warnings);
  const settings = {
    ...shared,
    endpoint,
    deployment,
    model,
    // A dated version, as this variable has, is refused at /openai/v1.
    apiVersion: address?.api === 'v1' ? undefined : env.AZURE_OPENAI_API_VERSION,
    apiKey: env.AZURE_OPENAI_API_IMAGE_KEY ?? env.AZURE_OPENAI_API_KEY ?? null,
  };
  const isOwnKey = env.AZURE_OPENAI_API_IMAGE_KEY !== undefined;
  const keyName = isOwnKey ? names.apiKey : 'AZURE_OPENAI_API_KEY';
  return buildAzureDeployment(
    settings,
    settings.apiKey === null ? names : { ...names, apiKey: keyName },
    findings,
  );
}
