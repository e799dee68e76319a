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
import { openaiUrl, toAzureBaseUrl, toOpenaiBaseUrl } from './base-url.ts';
import { defaultOpenaiModel, type Provision } from './provision.ts';
import type { Environment } from './environment.ts';

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
}

/**
 * Reads the file at `path`. Adds each mistake to `problems` with its position in the file; never
 * repeats a key.
 */
export function readDeploymentsFile(
  path: string,
  defaults: FileDefaults,
  environment: Environment,
  problems: string[],
): Provision {
  const report = (message: string) => problems.push(`KILN_DEPLOYMENTS, ${path}: ${message}`);
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
          `${at}.pool: received "${entry.pool}"; the pools are ${pools.map((pool) => pool.name).join(', ')}`,
        );
      return toDeployment(entry, defaults, keyOf(entry, environment, at, report), (message) =>
        report(`${at}${message}`),
      );
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
  for (const { message } of describeIssues(parsed.error, withoutKeys(input), [
    'pools',
    'deployments',
  ]))
    report(message.replace(/^the body/, 'the file'));
  return null;
}

/** A copy of the file's content in which every key is hidden, so that messages can quote it. */
function withoutKeys(input: unknown): unknown {
  const text = JSON.stringify(input, (field, value: unknown) =>
    /key$/i.test(field) ? '(hidden)' : value,
  );
  return text === undefined ? input : JSON.parse(text);
}

function keyOf(
  entry: Entry,
  environment: Environment,
  at: string,
  report: (message: string) => void,
): string | null {
  if (entry.api_key !== undefined && entry.api_key_env !== undefined)
    report(`${at}: has both api_key and api_key_env; set one of them`);
  if (entry.api_key_env === undefined) return entry.api_key ?? null;
  const value = environment[entry.api_key_env]?.trim() ?? '';
  // Anything that does not look like a variable name may be the key itself, in the wrong field.
  const isName = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(entry.api_key_env);
  if (value === '')
    report(`${at}.api_key_env: the variable ${isName ? entry.api_key_env : 'it names'} is not set`);
  return value;
}

function toDeployment(
  entry: Entry,
  defaults: FileDefaults,
  apiKey: string | null,
  report: (message: string) => void,
): Deployment {
  const shared = {
    name: entry.name,
    pool: entry.pool,
    model: entry.model ?? null,
    apiKey,
    stream: toStream(entry.stream, defaults),
    responseFormat: entry.response_format === 'b64_json' ? entry.response_format : null,
    imageHosts: entry.image_hosts ?? [],
  };
  if (entry.model !== undefined && entry.default_model !== undefined)
    report('.default_model: is only allowed without model, for a deployment that takes any model');
  if (entry.provider === 'openai') {
    for (const field of ['deployment', 'api_version'] as const)
      if (entry[field] !== undefined) report(`.${field}: is only allowed for provider azure`);
    if (apiKey === null)
      report('.api_key_env: is missing; only provider azure works without a key');
    return {
      ...shared,
      provider: 'openai',
      defaultModel: entry.model ?? entry.default_model ?? defaultOpenaiModel,
      baseUrl: toOpenaiBaseUrl(entry.endpoint ?? openaiUrl),
      azure: null,
    };
  }
  if (entry.model === undefined) report('.model: is missing; an Azure deployment serves one model');
  if (entry.endpoint === undefined)
    report('.endpoint: is missing; set the address of the Azure resource');
  const model = entry.model ?? '';
  return {
    ...shared,
    provider: 'azure',
    defaultModel: model,
    baseUrl: entry.endpoint === undefined ? '' : toAzureBaseUrl(entry.endpoint),
    azure: {
      deployment: entry.deployment ?? model,
      apiVersion: entry.api_version ?? defaults.apiVersion,
    },
  };
}

function toStream(stream: Entry['stream'], defaults: FileDefaults): Deployment['stream'] {
  if (stream === undefined) return defaults.stream;
  return stream === false ? null : { partialImages: stream.partial_images };
}

function repeatedNames(entries: readonly { name: string }[]): Set<string> {
  const names = entries.map((entry) => entry.name);
  return new Set(names.filter((each, index) => names.indexOf(each) !== index));
}
