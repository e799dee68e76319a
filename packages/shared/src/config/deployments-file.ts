/**
 * The file that KILN_DEPLOYMENTS names, in YAML or JSON: several pools, and several deployments
 * that share them.
 *
 *   pools:
 *     - { name: sweden, rpm: 6 }
 *     - { name: openai, openai_tier: 3 }
 *   deployments:
 *     - name: sweden-2
 *       pool: sweden
 *       provider: azure
 *       model: gpt-image-2
 *       endpoint: https://…
 *       api_key_env: SWEDEN_KEY
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Quota } from '../domain/quota.ts';
import { simulatorName, type Deployment } from '../models/deployment.ts';
import { openaiTiers } from '../models/model-table.ts';
import { describeIssues } from '../schemas/describe-issues.ts';
import {
  buildAzureDeployment,
  buildOpenaiDeployment,
  warnOfUnknownModel,
  type DeploymentSettings,
  type Findings,
} from './build-deployment.ts';
import { openaiUrl } from './endpoint-address.ts';
import type { GivenEntraSettings } from './entra-settings.ts';
import type { Environment } from './environment.ts';
import type { Provision } from './provision.ts';
import { fillIn, readHeaders, readQuery } from './request-additions.ts';
import { readVariable } from './secret-files.ts';

/** Pool names become queue names, so their characters and length are limited. */
const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
    'must be 1 to 63 letters, digits, hyphens and underscores',
  );
const address = z.url({
  protocol: /^https?$/,
  error: 'must be a URL that starts with https:// or http://',
});
const text = z.string().trim().min(1);
const additions = z.record(
  z.string().min(1),
  z.union([z.string(), z.number(), z.boolean()], {
    error: 'must be text, in which ${NAME} stands for the value of a variable',
  }),
);
const imageHost = z.string().refine(isImageHost, {
  error: 'must be a host name, with :port where it is not 443; *.example.com is every name below',
});

const fileSchema = z.strictObject({
  pools: z
    .array(
      z.strictObject({
        name,
        rpm: z.number().min(0.01).max(1_000_000).optional(),
        ipm: z.int().min(1).max(1_000_000).optional(),
        tpm: z.int().min(1).max(1_000_000_000).optional(),
        openai_tier: z.int().min(1).max(openaiTiers.length).optional(),
      }),
    )
    .min(1),
  deployments: z
    .array(
      z.strictObject({
        name,
        pool: z.string(),
        provider: z.enum(['azure', 'openai']),
        model: text.optional(),
        default_model: text.optional(),
        endpoint: address.optional(),
        deployment: text.optional(),
        api_version: text.optional(),
        api_key: text.optional(),
        api_key_env: text.optional(),
        auth: z.enum(['key', 'entra', 'none']).optional(),
        entra_scope: text.optional(),
        entra_authority: text.optional(),
        headers: additions.optional(),
        query: additions.optional(),
        stream: z
          .union([z.literal(false), z.strictObject({ partial_images: z.int().min(0).max(3) })])
          .optional(),
        response_format: z.enum(['b64_json', 'none']).optional(),
        image_hosts: z.array(imageHost).max(100).optional(),
      }),
    )
    .min(1),
});

function isImageHost(value: string): boolean {
  const host = value.replace(/^\*\./, '');
  const url = URL.parse(`https://${host}`);
  return url !== null && url.host === host && host !== '' && !host.includes('*');
}

type FileContent = z.infer<typeof fileSchema>;
type Entry = FileContent['deployments'][number];

export interface FileDefaults {
  /** The quota of pools that name no meter. */
  quota: Quota;
  apiVersion: string;
  stream: Deployment['stream'];
  entra: GivenEntraSettings;
}

/**
 * Reads the file at `path`. Adds each mistake to the findings with its position in the file; never
 * repeats a key.
 */
export function readDeploymentsFile(
  path: string,
  defaults: FileDefaults,
  environment: Environment,
  findings: Findings,
): Provision {
  const where = (message: string) => `KILN_DEPLOYMENTS, ${path}: ${message}`;
  const report = (message: string) => findings.problems.push(where(message));
  const content = load(path, report);
  if (content === null) return { deployments: [], pools: [] };
  const { pools, deployments } = content;
  for (const repeated of repeatedNames(pools)) report(`two pools have the name "${repeated}"`);
  for (const repeated of repeatedNames(deployments))
    report(`two deployments have the name "${repeated}"`);
  for (const pool of pools) {
    const served = deployments.filter((entry) => entry.pool === pool.name);
    if (served.length === 0) report(`the pool "${pool.name}" has no deployment`);
    const other = served.find(({ provider }) => provider !== 'openai');
    if (pool.openai_tier !== undefined && other !== undefined)
      report(
        `the pool "${pool.name}" has openai_tier ${pool.openai_tier}, but its deployment ` +
          `"${other.name}" is of provider ${other.provider}: set rpm, ipm or tpm instead`,
      );
  }
  return {
    pools: pools.map((pool) => ({ name: pool.name, ...quotaOf(pool, defaults) })),
    deployments: deployments.map((entry, index) => {
      const at = `deployments.${index}`;
      if (entry.name === simulatorName)
        report(`${at}.name: "${simulatorName}" is reserved; choose another name`);
      if (!pools.some((pool) => pool.name === entry.pool))
        report(
          `${at}.pool: received "${entry.pool}"; the pools are ` +
            pools.map((pool) => pool.name).join(', '),
        );
      const entryFindings: Findings = { problems: [], warnings: [] };
      const deployment = toDeployment(entry, at, { defaults, environment, entryFindings });
      findings.problems.push(...entryFindings.problems.map(where));
      findings.warnings.push(...entryFindings.warnings.map(where));
      return deployment;
    }),
  };
}

/** `openai_tier` fills in the meters that the pool does not set itself. */
function quotaOf(pool: FileContent['pools'][number], defaults: FileDefaults): Quota {
  const tier = pool.openai_tier === undefined ? undefined : openaiTiers[pool.openai_tier - 1];
  const quota = {
    rpm: pool.rpm ?? null,
    ipm: pool.ipm ?? tier?.ipm ?? null,
    tpm: pool.tpm ?? tier?.tpm ?? null,
  };
  return Object.values(quota).every((limit) => limit === null) ? defaults.quota : quota;
}

function load(path: string, report: (message: string) => void): FileContent | null {
  let input: unknown;
  try {
    input = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // The parser's message continues with the lines around the mistake, which may contain a key.
    const [sentence = 'it cannot be read'] = (
      error instanceof Error ? error.message : String(error)
    ).split('\n');
    report(sentence.replace(/:$/, ''));
    return null;
  }
  const parsed = fileSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  for (const { message } of describeIssues(parsed.error, withoutSecrets(input), [
    'pools',
    'deployments',
  ]))
    report(message.replace(/^the body/, 'the file'));
  return null;
}

/**
 * A copy of the file's content in which keys and the values of headers and parameters are hidden,
 * so that messages can quote it.
 */
function withoutSecrets(input: unknown): unknown {
  const text = JSON.stringify(input, (field, value: unknown) => {
    if (/key$/i.test(field)) return '(hidden)';
    if (field === 'headers' || field === 'query') return hideValues(value);
    if (field === 'endpoint' && typeof value === 'string')
      return value.replace(/^([^/]*\/\/)?[^/]*@/, '$1(hidden)@').replace(/\?.*$/s, '?(hidden)');
    return value;
  });
  return text === undefined ? input : JSON.parse(text);
}

function hideValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return '(hidden)';
  return Object.fromEntries(Object.keys(value).map((name) => [name, '(hidden)']));
}

function keyOf(
  entry: Entry,
  environment: Environment,
  report: (message: string) => void,
): string | null {
  if (entry.api_key !== undefined && entry.api_key_env !== undefined)
    report(': has both api_key and api_key_env; set one of them');
  if (entry.api_key_env === undefined) {
    if (entry.api_key === undefined) return null;
    return fillIn(entry.api_key, environment, (why) => report(`.api_key: ${why}`));
  }
  // Anything that does not look like a variable name may be the key itself, in the wrong field.
  const isName = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(entry.api_key_env);
  const value = readVariable(environment, entry.api_key_env, (why) =>
    report(`.api_key_env: ${isName ? why : 'the file of the variable cannot be used'}`),
  );
  if (value === '')
    report(`.api_key_env: the variable ${isName ? entry.api_key_env : 'it names'} is not set`);
  return value;
}

interface EntryContext {
  defaults: FileDefaults;
  environment: Environment;
  entryFindings: Findings;
}

function toDeployment(
  entry: Entry,
  at: string,
  { defaults, environment, entryFindings }: EntryContext,
): Deployment {
  const report = (message: string) => entryFindings.problems.push(`${at}${message}`);
  const isAzure = entry.provider === 'azure';
  const settings: DeploymentSettings = {
    name: entry.name,
    pool: entry.pool,
    endpoint: entry.endpoint ?? openaiUrl,
    model: entry.model,
    defaultModel: entry.default_model,
    deployment: entry.deployment,
    apiVersion: entry.api_version,
    defaultApiVersion: defaults.apiVersion,
    apiKey: keyOf(entry, environment, report),
    auth: entry.auth,
    entra: {
      scope: entry.entra_scope ?? defaults.entra.scope,
      authority: entry.entra_authority ?? defaults.entra.authority,
    },
    headers: readHeaders(entry.headers ?? {}, environment, report),
    query: readQuery(entry.query ?? {}, environment, report),
    stream: toStream(entry.stream, defaults),
    responseFormat: entry.response_format === 'b64_json' ? entry.response_format : null,
    imageHosts: entry.image_hosts ?? [],
  };
  checkFields(entry, report);
  if (entry.model !== undefined)
    warnOfUnknownModel(entry.model, `${at}.model is set`, entryFindings.warnings);
  const names = {
    endpoint: `${at}.endpoint:`,
    deployment: `${at}.deployment:`,
    apiVersion: `${at}.api_version:`,
    apiKey: `${at}.api_key_env:`,
    auth: `${at}.auth:`,
    scope: `${at}.entra_scope:`,
    authority: `${at}.entra_authority:`,
  };
  return (isAzure ? buildAzureDeployment : buildOpenaiDeployment)(settings, names, entryFindings);
}

function checkFields(entry: Entry, report: (message: string) => void): void {
  if (entry.model !== undefined && entry.default_model !== undefined)
    report('.default_model: is only allowed without model, for a deployment that takes any model');
  if (entry.provider === 'openai') {
    if (entry.api_version !== undefined)
      report('.api_version: is only allowed for provider azure; query can add parameters');
    if (entry.deployment !== undefined && entry.model === undefined)
      report('.deployment: needs model, the model behind the name that the endpoint knows');
    return;
  }
  if (entry.model === undefined) report('.model: is missing; an Azure deployment serves one model');
  if (entry.endpoint === undefined)
    report('.endpoint: is missing; set the address of the Azure resource');
  if (entry.query !== undefined && 'api-version' in entry.query)
    report('.query.api-version: is set by api_version; leave it out');
}

function toStream(stream: Entry['stream'], defaults: FileDefaults): Deployment['stream'] {
  if (stream === undefined) return defaults.stream;
  return stream === false ? null : { partialImages: stream.partial_images };
}

function repeatedNames(entries: readonly { name: string }[]): Set<string> {
  const names = entries.map((entry) => entry.name);
  return new Set(names.filter((each, index) => names.indexOf(each) !== index));
}
