/**
 * `npm start` runs all of Kiln on one machine: PostgreSQL from npm in the data folder, the
 * simulator where no provider is configured, the worker and the API, each as a child process. A
 * child that dies is started again (start/supervise.ts). Ctrl-C stops the apps first and the
 * engines after them.
 */
import { describeQuota } from '@kiln/shared/domain/quota';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseConfig, type Config } from '@kiln/shared/config';
import { configuredProvider } from '@kiln/shared/config/deployments';
import { isSet } from '@kiln/shared/config/secret-files';
import { buildStudio } from './studio/build-studio.ts';
import { commandOf, prepareEmbeddedPostgres } from './start/embedded-postgres.ts';
import { createLogOutput } from './start/log-output.ts';
import { readEnvFile } from './start/read-env.ts';
import { whenParentEnds } from './when-parent-ends.mjs';
import { startNode, supervise, type ChildCommand, type Supervised } from './start/supervise.ts';

const root = resolve(import.meta.dirname, '..');
/**
 * Engines are PostgreSQL and the simulator; the apps, the worker and the API, need them. Each list
 * is in the order of the start.
 */
const engines: Supervised[] = [];
const apps: Supervised[] = [];
let isStopping = false;

process.chdir(root);
// Every file of Kiln is private to its user; the child processes inherit this.
process.umask(0o077);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void stop(0));
whenParentEnds(() => void stop(0));

try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

async function start(): Promise<void> {
  const env: NodeJS.ProcessEnv = { ...readEnvFile(join(root, '.env')), ...process.env };
  const provider = configuredProvider(env);
  const config = checkConfig(env, provider);
  env.KILN_DATA_DIR = resolve(config.dataDir);
  claimDataDir(env.KILN_DATA_DIR);
  const onLog = await createLogOutput();
  const studio = config.studio ? makeStudio() : Promise.resolve();

  if (!isSet(env, 'DATABASE_URL')) {
    const postgres = await prepareEmbeddedPostgres(env.KILN_DATA_DIR);
    await add(engines, {
      name: 'embedded PostgreSQL',
      start: () => postgres.start(),
      stopSignal: 'SIGINT',
    });
    env.DATABASE_URL = postgres.url;
  }
  if (provider === null && !isSet(env, 'KILN_SIMULATOR_URL')) {
    await add(engines, {
      name: 'simulator',
      stopSignal: 'SIGTERM',
      start: (signal) =>
        startNode({
          entry: 'apps/simulator/src/main.ts',
          cwd: root,
          env: simulatorEnv(env, config),
          onLog,
          onReady: takeUrl,
          signal,
        }),
    });
  }
  function takeUrl({ url }: { url?: string }): void {
    if (url !== undefined) env.KILN_SIMULATOR_URL = url;
  }

  let url = '';
  await add(apps, {
    name: 'worker',
    stopSignal: 'SIGTERM',
    start: (signal) =>
      startNode({ entry: 'apps/worker/src/main.ts', cwd: root, env, onLog, signal }),
  });
  await studio;
  await add(apps, {
    name: 'api',
    stopSignal: 'SIGTERM',
    start: (signal) =>
      startNode({
        entry: 'apps/api/src/main.ts',
        cwd: root,
        env,
        onLog,
        signal,
        onReady: (ready) => (url = ready.url ?? url),
      }),
  });
  if (!isStopping) announce(url, provider, env, config);
}

/** Runs beside the start of the engines. The API works without the studio, or with an older one. */
async function makeStudio(): Promise<void> {
  try {
    await buildStudio((sentence) => console.log(`kiln: ${sentence}`));
  } catch (error) {
    console.error(`kiln: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reports all mistakes in the settings before anything runs. */
function checkConfig(
  env: NodeJS.ProcessEnv,
  provider: ReturnType<typeof configuredProvider>,
): Config {
  return parseConfig({
    ...env,
    ...(isSet(env, 'DATABASE_URL') ? {} : { DATABASE_URL: 'postgres://embedded' }),
    ...(provider === null && !isSet(env, 'KILN_SIMULATOR_URL')
      ? { KILN_SIMULATOR_URL: 'http://127.0.0.1' }
      : {}),
  });
}

/**
 * Refuses to run when another `npm start` uses the data folder: two would fight over its database.
 */
function claimDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  makePrivate(dataDir);
  const file = join(dataDir, 'start.pid');
  const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (other > 0 && other !== process.pid && commandOf(other).includes('start.ts')) {
    throw new Error(
      `Kiln already runs on ${dataDir} (process ${other}): stop it, or set KILN_DATA_DIR and ` +
        'PORT for a second one',
    );
  }
  writeFileSync(file, String(process.pid));
  process.once('exit', () => rmSync(file, { force: true }));
}

/**
 * A release before this one made files that every user could read. PostgreSQL's own files have
 * always been private.
 */
function makePrivate(dataDir: string): void {
  const others = readdirSync(dataDir).filter((name) => name !== 'postgres' && name !== 'programs');
  for (const path of [dataDir, ...others.map((name) => join(dataDir, name))]) {
    try {
      chmodSync(path, statSync(path).mode & 0o700);
    } catch {
      // It belongs to another user, or was removed meanwhile: its modes are not ours to change.
    }
  }
}

/**
 * The simulator gets the quota of the configured pool, and keeps its own ledger of every call
 * beside the records.
 */
function simulatorEnv(env: NodeJS.ProcessEnv, config: Config): NodeJS.ProcessEnv {
  return {
    SIMULATOR_RPM: String(Math.ceil(config.pools[0]?.rpm ?? 0)),
    SIMULATOR_IPM: String(config.pools[0]?.ipm ?? 0),
    SIMULATOR_TPM: String(config.pools[0]?.tpm ?? 0),
    SIMULATOR_MINUTE_MS: String(config.minuteMs),
    SIMULATOR_LEDGER: join(resolve(config.dataDir), 'simulator-ledger.jsonl'),
    SIMULATOR_PORT: isSet(env, 'KILN_SIMULATOR_URL')
      ? new URL(env.KILN_SIMULATOR_URL ?? '').port
      : '0',
    ...env,
  };
}

async function add(group: Supervised[], command: ChildCommand): Promise<void> {
  if (isStopping) return;
  const child = await supervise(command, (sentence) => console.error(`kiln: ${sentence}`));
  group.push(child);
  if (isStopping) await child.stop();
}

function announce(
  url: string,
  provider: ReturnType<typeof configuredProvider>,
  env: NodeJS.ProcessEnv,
  config: Config,
): void {
  const names = {
    azure: 'Azure OpenAI',
    openai: 'OpenAI',
    file: `${config.deployments.length} deployments of ${env.KILN_DEPLOYMENTS}`,
  };
  const speaks =
    provider === null
      ? `the simulator at ${env.KILN_SIMULATOR_URL} ` +
        '(no provider key is configured; nothing is paid)'
      : `${names[provider]}: calls are paid for`;
  const key =
    config.apiKeys.length > 0 ? ` -H 'authorization: Bearer <a key of KILN_API_KEYS>'` : '';
  const quota = config.pools.map((pool) => `${describeQuota(pool)} a minute (pool ${pool.name})`);
  console.log(`
Kiln is ready at ${url}
  provider  ${speaks}
  quota     ${quota.join(', ')}
  queues    ${config.redisUrl === null ? 'PostgreSQL' : 'Redis'}
  docs      ${url}/docs

A first picture, in boat.png:

  curl -sL -o boat.png ${url}/v1/jobs \\
    -H 'content-type: application/json' -H 'accept: image/*' -H 'prefer: wait=60'${key} \\
    -d '{"prompt": "A small boat in the morning fog"}'
`);
}

/**
 * Stops the apps, then the engines. A second call signals the apps again, which makes them exit at
 * once.
 */
async function stop(code: number): Promise<void> {
  if (isStopping) {
    for (const app of apps) app.signal();
    return;
  }
  isStopping = true;
  if (engines.length > 0)
    console.error(
      'kiln: stopping; calls under way are finished first (press Ctrl-C again to stop now)',
    );
  await Promise.all(apps.map((app) => app.stop()));
  for (const engine of engines.toReversed()) await engine.stop();
  process.exit(code);
}
