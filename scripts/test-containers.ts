/**
 * `npm run test:containers [-- --keep]`: runs what docs/containers.md describes on a Docker engine,
 * the local one or that of `DOCKER_HOST`, and prints a line of figures for each step: build, up,
 * first picture, restart, kill, scale to three, upgrade with jobs waiting, backup by cold copy,
 * settings and secrets. The provider is the simulator: nothing is paid. It needs Docker with
 * Compose 2.24, and uses a project of its own, which it removes at the end; `--keep` keeps it.
 * Exits with 1 at the first step that is not as promised.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createProject, docker, engineHost } from './test-containers/docker.ts';
import { createCaller } from './test-containers/kiln.ts';
import { checkLogs, oddPassword, steps, type Rig } from './test-containers/steps.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const project = createProject();
const image = project.name;
const key = randomBytes(16).toString('hex');
const port = randomInt(20_000, 30_000);
const host = engineHost();
project.settings = {
  KILN_IMAGE: `${image}:1`,
  KILN_API_KEYS: key,
  KILN_RPM: '600',
  SIMULATOR_LATENCY_MS: '500-1500',
  POSTGRES_PASSWORD: oddPassword,
  HOST: host === '127.0.0.1' ? host : '0.0.0.0',
  PORT: String(port),
};
const caller = createCaller(`http://${host}:${port}`, key);
const rig: Rig = { project, caller, image, jobs: [], seesFiles: false };

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end(1).finally(() => process.exit(1)));

let code = 0;
try {
  console.log(
    `Docker ${await docker('version', '--format', '{{.Server.Version}}')}, ` +
      `Compose ${await docker('compose', 'version', '--short')}\n`,
  );
  for (const { name, run } of steps) {
    console.log(`${name.padEnd(16)} ${await run(rig)}`);
    if (name === 'build') rig.seesFiles = await seesFiles();
    else await checkLogs(project);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  code = 1;
}
await end(code);
process.exit(code);

/** An engine on another machine mounts its own files. */
async function seesFiles(): Promise<boolean> {
  const probe = ['--rm', '--entrypoint', 'test', '-v', `${project.folder}:/probe:ro`];
  return docker('run', ...probe, `${image}:1`, '-f', '/probe/docker-compose.yml').then(
    () => true,
    () => false,
  );
}

async function end(outcome: number): Promise<void> {
  if (values.keep) {
    console.log(`\nThe project ${project.name} stays, with its settings in ${project.folder}.`);
    return;
  }
  if (outcome !== 0) console.error((await project.tryCompose('logs', '--tail', '15')).stdout);
  await project.remove();
  await docker('image', 'rm', '--force', `${image}:1`, `${image}:2`).catch(() => undefined);
}
