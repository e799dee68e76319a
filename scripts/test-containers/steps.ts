/**
 * The steps of `npm run test:containers`, in their order. Each does what `docs/containers.md`
 * describes, throws when something is not as promised, and returns its figures.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, root, type Project } from './docker.ts';
import { crash, readProvider, setSimulator, type Caller, type Job } from './kiln.ts';

export interface Rig {
  project: Project;
  caller: Caller;
  image: string;
  /** Every job that was submitted. */
  jobs: string[];
  /** Whether the engine sees the files of this machine, for what is mounted. */
  seesFiles: boolean;
}

export interface Step {
  name: string;
  /** Returns the figures, or why the step could not run here. */
  run(rig: Rig): Promise<string>;
}

/** Characters that end a part of a URL, or mean something to a shell or to Compose. */
export const oddPassword = 'p@ss#w/o:r?d%41&"$x';
/** No log may have one of these parts of it. */
const partsOfPassword = ['p@ss', 'w/o', 'r?d', 'p%40ss', 'w%2Fo', 'r%3Fd'];

export const steps: Step[] = [
  { name: 'build', run: build },
  { name: 'up -d --wait', run: up },
  { name: 'first picture', run: firstPicture },
  { name: 'hardening', run: inspect },
  { name: 'restart', run: restart },
  { name: 'kill', run: kill },
  { name: 'scale to three', run: scale },
  { name: 'upgrade', run: upgrade },
  { name: 'backup, restore', run: backUp },
  { name: 'files', run: useFiles },
  { name: 'other engines', run: useOtherEngines },
  { name: 'profile s3', run: refuseStore },
  { name: 'password', run: refusePassword },
];

async function build({ image }: Rig): Promise<string> {
  const seconds = await timed(() => docker('build', '--tag', `${image}:1`, root));
  const bytes = Number(await docker('image', 'inspect', '--format', '{{.Size}}', `${image}:1`));
  return `${seconds}, ${(bytes / 1e6).toFixed(0)} MB`;
}

async function up({ project }: Rig): Promise<string> {
  return timed(() => project.compose('up', '-d', '--wait', '--no-build'));
}

async function firstPicture({ caller }: Rig): Promise<string> {
  let bytes = 0;
  const seconds = await timed(async () => {
    bytes = (await caller.picture('A small boat in the morning fog')).length;
  });
  return `${seconds}, ${bytes} bytes of PNG`;
}

interface Container {
  Name: string;
  State: { Health?: { Status: string } };
  HostConfig: {
    ReadonlyRootfs: boolean;
    Init: boolean | null;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    LogConfig: { Config: Record<string, string> };
  };
}

async function inspect({ project }: Rig): Promise<string> {
  const ids = (await project.compose('ps', '-q')).trim().split('\n');
  const containers = JSON.parse(await docker('inspect', ...ids)) as Container[];
  for (const { Name, State, HostConfig } of containers) {
    const isHardened =
      State.Health?.Status === 'healthy' &&
      HostConfig.ReadonlyRootfs &&
      HostConfig.Init === true &&
      HostConfig.CapDrop?.includes('ALL') === true &&
      HostConfig.SecurityOpt?.includes('no-new-privileges:true') === true &&
      HostConfig.LogConfig.Config['max-size'] !== undefined;
    if (!isHardened) throw new Error(`${Name} is not hardened: ${JSON.stringify(HostConfig)}`);
    if ((await docker('exec', Name.slice(1), 'id', '-u')) === '0')
      throw new Error(`${Name} runs as root`);
  }
  return `${containers.length} containers: healthy, read-only, no capabilities, no root`;
}

async function restart({ project, caller, jobs }: Rig): Promise<string> {
  const submitted = await caller.submit(20);
  await caller.running(submitted, 2);
  const watch = caller.watch();
  await project.compose('restart', 'postgres', 'valkey', 'api', 'worker');
  const ended = await caller.ended(submitted);
  const awayMs = await watch.stop();
  jobs.push(...submitted);
  requireOneCallEach(ended);
  return `${ended.length} jobs with one call each; API away ${inSeconds(awayMs)}`;
}

async function kill({ project, caller, jobs }: Rig): Promise<string> {
  const before = await readProvider(project);
  await setSimulator(project, { latency_ms: '2000-4000' });
  const submitted = await caller.submit(20);
  await caller.running(submitted, 4);
  await crash(project, 'worker');
  await crash(project, 'api');
  const ended = await caller.ended(submitted);
  jobs.push(...submitted);
  const lost = ended.filter(({ status }) => status !== 'succeeded');
  if (lost.length > 0) throw new Error(`${lost.length} jobs did not succeed`);
  const { calls } = await readProvider(project);
  const repeated = ended.reduce((sum, { attempts }) => sum + attempts.made - 1, 0);
  if (calls - before.calls > submitted.length + repeated)
    throw new Error(
      `${calls - before.calls} calls, but ${repeated} of them are recorded as repeated`,
    );
  return `${ended.length} jobs succeeded; ${repeated} calls were repeated, each is in the ledger`;
}

async function scale({ project, caller, jobs }: Rig): Promise<string> {
  await setSimulator(project, { latency_ms: '500-1500' });
  const seconds = await timed(() =>
    project.compose('up', '-d', '--wait', '--no-build', '--no-recreate', '--scale', 'worker=3'),
  );
  const workers = (await project.compose('ps', '-q', 'worker')).trim().split('\n').length;
  if (workers !== 3) throw new Error(`${workers} workers run`);
  const submitted = await caller.submit(60);
  const startedMs = performance.now();
  requireOneCallEach(await caller.ended(submitted));
  jobs.push(...submitted);
  const rate = (submitted.length / (performance.now() - startedMs)) * 60_000;
  return `${seconds}; 60 jobs with one call each, ${rate.toFixed(0)} a minute`;
}

async function upgrade({ project, caller, image, jobs }: Rig): Promise<string> {
  await docker('build', '--tag', `${image}:2`, '--label', 'kiln.test=2', root);
  await setSimulator(project, { latency_ms: '20000' });
  const submitted = await caller.submit(40);
  await caller.running(submitted, 5);
  const watch = caller.watch();
  project.settings.KILN_IMAGE = `${image}:2`;
  let output = '';
  const seconds = await timed(async () => {
    const { code, stdout, stderr } = await project.run(
      join(root, 'scripts/upgrade.sh'),
      '--no-build',
    );
    output = stdout + stderr;
    if (code !== 0) throw new Error(`scripts/upgrade.sh: code ${code}\n${output}`);
  });
  const awayMs = await watch.stop();
  await setSimulator(project, { latency_ms: '500-1500' });
  requireOneCallEach(await caller.ended(submitted));
  jobs.push(...submitted);
  const images = await project.compose('ps', '--format', '{{.Image}}', 'api', 'worker');
  if (
    images
      .trim()
      .split('\n')
      .some((each) => each !== `${image}:2`)
  )
    throw new Error(`not all of the new image: ${images}`);
  if (awayMs >= 5_000) throw new Error(`the API was away for ${inSeconds(awayMs)}`);
  return `${seconds} with calls of 20 s; API away ${inSeconds(awayMs)}; no call was cut`;
}

async function backUp({ project, caller, jobs }: Rig): Promise<string> {
  const before = await caller.hashes(jobs);
  const copy = join(project.folder, 'copy');
  const run = async (script: string): Promise<void> => {
    const { code, stdout, stderr } = await project.run(join(root, 'scripts', script), copy);
    if (code !== 0) throw new Error(`scripts/${script}: code ${code}\n${stdout}${stderr}`);
  };
  const copied = await timed(() => run('backup.sh'));
  await project.compose('down', '--volumes');
  const restored = await timed(() => run('restore.sh'));
  await project.compose('up', '-d', '--wait', '--no-build');
  const after = await caller.hashes(jobs);
  const pictures = [...before.values()].flat().length;
  if (pictures === 0 || JSON.stringify([...after]) !== JSON.stringify([...before]))
    throw new Error('the pictures after the restore are not those before the backup');
  await caller.picture('A boat after the restore');
  return `copied in ${copied}, restored in ${restored}; ${pictures} pictures are the same`;
}

/** `KILN_DEPLOYMENTS` of a file, and secrets in files. */
async function useFiles({ project, caller, seesFiles }: Rig): Promise<string> {
  if (!seesFiles) return 'not run: the engine does not see the files of this machine';
  const { folder } = project;
  mkdirSync(join(folder, 'secrets'));
  const key = project.settings.KILN_API_KEYS ?? '';
  writeFileSync(join(folder, 'secrets/api_keys'), `${key}\n`);
  writeFileSync(join(folder, 'secrets/demo_key'), `${randomBytes(16).toString('hex')}\n`);
  writeFileSync(
    join(folder, 'deployments.yaml'),
    `pools: [{ name: from-file, rpm: 600 }]
deployments:
  - name: from-file
    pool: from-file
    provider: openai
    endpoint: http://simulator:9000/v1
    api_key_env: DEMO_KEY
`,
  );
  writeFileSync(
    join(folder, 'docker-compose.override.yml'),
    `services:
  api: &secrets
    environment: { DEMO_KEY_FILE: /run/secrets/demo_key, KILN_API_KEYS_FILE: /run/secrets/api_keys }
    secrets: [demo_key, api_keys]
  worker: *secrets
secrets:
  demo_key: { file: ./secrets/demo_key }
  api_keys: { file: ./secrets/api_keys }
`,
  );
  const settings = { ...project.settings };
  delete project.settings.KILN_API_KEYS;
  project.settings.KILN_DEPLOYMENTS = './deployments.yaml';
  project.files.push('docker-compose.override.yml');
  await project.compose('up', '-d', '--wait', '--no-build');
  await caller.picture('A boat by a deployment of the file');
  const pools = await (await caller.request('/v1/pools')).text();
  if (!pools.includes('from-file')) throw new Error(`the pools are ${pools}`);
  project.files.pop();
  project.settings = settings;
  return 'KILN_DEPLOYMENTS is mounted, keys are read from secrets; a picture came';
}

/** The settings of engines reach the containers as they are. */
async function useOtherEngines({ project }: Rig): Promise<string> {
  const given = {
    DATABASE_URL: 'postgres://me@db.example/own',
    REDIS_URL: 'redis://cache.example:6379',
    STORAGE_URL: 's3://own-bucket?region=eu-west-1',
  };
  const settings = { ...project.settings };
  Object.assign(project.settings, given, { POSTGRES_SERVERS: '0', VALKEY_SERVERS: '0' });
  const { services } = JSON.parse(await project.compose('config', '--format', 'json')) as {
    services: Record<string, { environment: Record<string, string>; scale?: number }>;
  };
  project.settings = settings;
  for (const service of ['api', 'worker'])
    for (const [name, value] of Object.entries(given))
      if (services[service]?.environment[name] !== value)
        throw new Error(`${service} gets ${name}=${services[service]?.environment[name]}`);
  if (services['postgres']?.scale !== 0 || services['valkey']?.scale !== 0)
    throw new Error('the bundled servers would start');
  return 'DATABASE_URL, REDIS_URL and STORAGE_URL of .env are used; the bundled servers stay away';
}

async function refuseStore({ project }: Rig): Promise<string> {
  const profiles = project.profiles;
  project.profiles = ['s3'];
  const { code, stderr } = await project.tryCompose('run', '--rm', 's3-settings');
  project.profiles = profiles;
  if (code !== 1 || !stderr.includes('STORAGE_URL=s3://'))
    throw new Error(`the profile s3 starts without its settings: code ${code}, ${stderr}`);
  return 'refused without STORAGE_URL=s3://…, with the lines to add';
}

async function refusePassword({ project }: Rig): Promise<string> {
  project.settings.POSTGRES_PASSWORD = `${oddPassword}-wrong`;
  const { code } = await project.tryCompose('up', '-d', '--wait', '--no-build', '--no-deps', 'api');
  const refusal = await project.compose('logs', '--no-color', 'api');
  project.settings.POSTGRES_PASSWORD = oddPassword;
  if (code === 0 || !refusal.includes('PostgreSQL at DATABASE_URL refuses'))
    throw new Error(`a wrong password is not refused: ${refusal.slice(-2_000)}`);
  await checkLogs(project);
  return 'one with special characters works; a wrong one is refused in words; none is in a log';
}

/**
 * Throws where a log has a part of the password. Called after each step, as logs go with
 * containers.
 */
export async function checkLogs(project: Project): Promise<void> {
  const logs = await project.compose('logs', '--no-color');
  const leaked = partsOfPassword.filter((part) => logs.includes(part));
  if (leaked.length > 0) throw new Error(`the logs have parts of the password: ${leaked.join()}`);
}

function requireOneCallEach(jobs: readonly Job[]): void {
  const others = jobs.filter(
    ({ status, attempts }) => status !== 'succeeded' || attempts.made !== 1,
  );
  if (others.length > 0)
    throw new Error(
      'these jobs did not succeed with one call: ' +
        others.map(({ id, status, attempts }) => `${id} ${status} ${attempts.made}`).join(', '),
    );
}

async function timed(action: () => Promise<unknown>): Promise<string> {
  const startedMs = performance.now();
  await action();
  return inSeconds(performance.now() - startedMs);
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
