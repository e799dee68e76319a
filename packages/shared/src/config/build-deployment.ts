/**
 * Builds a deployment from its settings, whether they are variables or an entry of the file: which
 * address is called, how Kiln signs in, and what each request carries. Mistakes are collected under
 * the names that the settings have where they were written; secrets are never repeated.
 */
import type { Deployment } from '../models/deployment.ts';
import { findModel, listModels } from '../models/model-table.ts';
import { readEntraSettings, type GivenEntraSettings } from './entra-settings.ts';
import { parseAzureAddress, parseOpenaiAddress } from './endpoint-address.ts';
import { defaultOpenaiModel } from './provision.ts';

export type Auth = 'key' | 'entra' | 'none';

export interface DeploymentSettings {
  name: string;
  pool: string;
  endpoint: string;
  /** The model whose rules and prices apply; undefined: Azure's deployment has the model's name. */
  model: string | undefined;
  defaultModel: string | undefined;
  /** The name by which the endpoint knows the model. */
  deployment: string | undefined;
  /** Set for this deployment; it precedes the api-version of the endpoint's address. */
  apiVersion: string | undefined;
  defaultApiVersion: string;
  apiKey: string | null;
  /** undefined: a key if there is one, else what the provider takes. */
  auth: Auth | undefined;
  entra: GivenEntraSettings;
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  stream: Deployment['stream'];
  responseFormat: Deployment['responseFormat'];
  imageHosts: readonly string[];
}

/** How messages name the settings, such as `deployments.0.endpoint:` or a variable. */
export type SettingNames = Readonly<
  Record<
    'endpoint' | 'deployment' | 'apiVersion' | 'apiKey' | 'auth' | 'scope' | 'authority',
    string
  >
>;

export interface Findings {
  problems: string[];
  warnings: string[];
}

export function buildAzureDeployment(
  settings: DeploymentSettings,
  names: SettingNames,
  findings: Findings,
): Deployment {
  const address = parseAzureAddress(settings.endpoint);
  const warn = (message: string) => findings.warnings.push(message);
  const where = withoutColon(names.endpoint);
  checkAddress(settings.endpoint, names, findings);
  const deployment = settings.deployment ?? address.deployment ?? settings.model ?? '';
  if (address.deployment !== null && address.deployment !== deployment)
    warn(
      `${names.deployment} is "${deployment}", but the address of ${where} names the ` +
        `deployment "${address.deployment}"; Kiln calls "${deployment}"`,
    );
  const apiVersion = settings.apiVersion ?? address.apiVersion;
  if (address.apiVersion !== null && address.apiVersion !== apiVersion)
    warn(
      `${names.apiVersion} is "${apiVersion}", but the address of ${where} has the ` +
        `api-version "${address.apiVersion}"; Kiln sends "${apiVersion}"`,
    );
  const model = settings.model ?? deployment;
  const isV1 = address.api === 'v1';
  return {
    ...sharedParts(settings, address.baseUrl),
    ...signInOf(settings, 'azure', address.baseUrl, names, findings),
    provider: 'azure',
    model,
    defaultModel: model,
    azure: isV1 ? null : { deployment, apiVersion: apiVersion ?? settings.defaultApiVersion },
    sentModel: isV1 && deployment !== model ? deployment : null,
    query: {
      ...address.query,
      ...settings.query,
      ...(isV1 && apiVersion !== null && { 'api-version': apiVersion }),
    },
  };
}

export function buildOpenaiDeployment(
  settings: DeploymentSettings,
  names: SettingNames,
  findings: Findings,
): Deployment {
  const address = parseOpenaiAddress(settings.endpoint);
  checkAddress(settings.endpoint, names, findings);
  if (new URL(address.baseUrl).pathname === '/')
    findings.warnings.push(
      `${names.endpoint} has no path, so calls go to ${address.baseUrl}/images/generations; ` +
        `most servers expect ${address.baseUrl}/v1`,
    );
  if (parseAzureAddress(settings.endpoint).deployment !== null)
    findings.warnings.push(
      `${names.endpoint} is the address of an Azure deployment, but it is called as OpenAI's ` +
        'API: use provider: azure, or AZURE_OPENAI_API_IMAGE_ENDPOINT',
    );
  const { model = null, deployment = null } = settings;
  return {
    ...sharedParts(settings, address.baseUrl),
    ...signInOf(settings, 'openai', address.baseUrl, names, findings),
    provider: 'openai',
    model,
    defaultModel: model ?? settings.defaultModel ?? defaultOpenaiModel,
    azure: null,
    sentModel: deployment === model ? null : deployment,
    query: { ...address.query, ...settings.query },
  };
}

/** Warns about a model that the table does not have. `called` says what has this name. */
export function warnOfUnknownModel(model: string, called: string, warnings: string[]): void {
  if (findModel(model) !== null) return;
  const known = listModels()
    .map(({ id }) => id)
    .join(', ');
  warnings.push(
    `${called}, and Kiln knows no model "${model}": it checks no parameters and estimates no ` +
      `costs; the models are ${known}`,
  );
}

type SharedParts = Pick<
  Deployment,
  'name' | 'pool' | 'baseUrl' | 'stream' | 'responseFormat' | 'imageHosts' | 'headers'
>;

function sharedParts(settings: DeploymentSettings, baseUrl: string): SharedParts {
  const { name, pool, stream, responseFormat, imageHosts, headers } = settings;
  return { name, pool, baseUrl, stream, responseFormat, imageHosts, headers };
}

/** The name of a field ends with a colon, for the beginning of a sentence. */
function withoutColon(name: string): string {
  return name.replace(/:$/, '');
}

function checkAddress(endpoint: string, names: SettingNames, { problems }: Findings): void {
  const { username, password } = new URL(endpoint);
  if (username !== '' || password !== '')
    problems.push(
      `${names.endpoint} contains a user name or password, which no request can carry; set a ` +
        'header instead, in the file of KILN_DEPLOYMENTS',
    );
}

/** How calls sign in: with the key, with a token of Entra ID, or with the deployment's headers. */
function signInOf(
  { apiKey, auth: given, entra, headers }: DeploymentSettings,
  provider: Deployment['provider'],
  baseUrl: string,
  names: SettingNames,
  { problems, warnings }: Findings,
): Pick<Deployment, 'apiKey' | 'entra'> {
  const keyHeader = provider === 'azure' ? 'api-key' : 'authorization';
  const hasOwnSignIn = keyHeader in headers || 'authorization' in headers;
  const withoutKey = hasOwnSignIn ? 'none' : provider === 'azure' ? 'entra' : 'key';
  const auth = given ?? (apiKey === null ? withoutKey : 'key');
  if (auth === 'key' && apiKey === null)
    problems.push(
      `${names.apiKey} is missing; set the key, or auth: none where the headers or the network ` +
        `are enough${provider === 'azure' ? ', or auth: entra' : ''}`,
    );
  if (apiKey !== null && !/^[\x20-\x7e\x80-\xff]*$/.test(apiKey))
    problems.push(
      `${names.apiKey} has a line break or another character that no key has; check the value, ` +
        'or the file that it comes from',
    );
  if (auth !== 'key' && apiKey !== null)
    problems.push(`${names.auth} is "${auth}", but there is a key as well; remove one of them`);
  const double = auth === 'key' ? keyHeader : auth === 'entra' ? 'authorization' : null;
  if (double !== null && double in headers)
    problems.push(
      `${names.auth} is "${auth}", which sets the header ${double}, and the headers set it as ` +
        'well; remove one of them',
    );
  if (auth !== 'entra') return { apiKey, entra: null };
  if (given === undefined && Object.keys(headers).length > 0)
    warnings.push(
      `${names.auth} is not set, so Kiln also signs in with Microsoft Entra ID; set auth: none ` +
        'where the headers are enough, or auth: entra',
    );
  return { apiKey, entra: readEntraSettings(baseUrl, entra, names, problems) };
}
