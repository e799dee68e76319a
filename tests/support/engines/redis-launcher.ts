/** Finds a way to run Redis on this machine: a program, Docker, or an imitation from npm. */
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { installPackages, mayInstall } from '../../../scripts/test/install-packages.ts';
import { isOnDocker } from './engine-source.ts';

/** Plain data, so that the global setup can pass it to the test workers. */
export type RedisLauncher =
  | { kind: 'server'; file: string; found: string }
  | { kind: 'docker'; found: string }
  | { kind: 'javascript'; file: string; found: string };

export async function findRedisLauncher(): Promise<RedisLauncher> {
  if (isOnDocker('redis')) return { kind: 'docker', found: 'Docker' };
  return findOnPath() ?? (await installWithApt()) ?? (await findDocker()) ?? findJavaScript();
}

/**
 * Debian's package redis-tools installs the server only as `redis-check-rdb`, without a system
 * service. The program acts by the name it is called by.
 */
function findOnPath(): RedisLauncher | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of ['redis-server', 'valkey-server', 'redis-check-rdb', 'valkey-check-rdb']) {
    const file = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (file !== undefined) return { kind: 'server', file, found: file };
  }
  return undefined;
}

async function installWithApt(): Promise<RedisLauncher | undefined> {
  if (!mayInstall()) return undefined;
  console.log('No Redis on PATH: installing the Debian package redis-tools …');
  try {
    await installPackages(['redis-tools']);
  } catch (error) {
    console.log(
      'apt-get could not install it: ' +
        (error instanceof Error ? error.message.trim() : String(error)),
    );
    return undefined;
  }
  const launcher = findOnPath();
  return launcher && { ...launcher, found: `${launcher.found}, installed with apt-get` };
}

async function findDocker(): Promise<RedisLauncher | undefined> {
  // Imported late, because it is large and rarely needed.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
    return { kind: 'docker', found: 'Docker' };
  } catch {
    return undefined; // no engine answers
  }
}

function findJavaScript(): RedisLauncher {
  const entry = createRequire(import.meta.url).resolve('js-redis-server');
  return {
    kind: 'javascript',
    file: join(dirname(entry), 'cli.js'),
    found:
      'the npm package js-redis-server: an imitation, slow, which proves less than a real server',
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
