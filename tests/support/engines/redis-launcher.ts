/** Finds a way to run a real Redis on this machine, or says that there is none. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { isOnDocker } from './engine-source.ts';

/** Plain data: the global setup finds it, the test workers use it. */
export type RedisLauncher =
  | { kind: 'server'; file: string; found: string }
  | { kind: 'docker'; found: string }
  | { kind: 'javascript'; file: string; found: string };

export async function findRedisLauncher(): Promise<RedisLauncher> {
  if (isOnDocker()) return { kind: 'docker', found: 'Docker' };
  return findOnPath() ?? installWithApt() ?? (await findDocker()) ?? findJavaScript();
}

/**
 * The server's program also bears the name `redis-check-rdb` and acts by the name it is called by.
 * Debian's package redis-tools has it under that name alone, and so without a system service.
 */
function findOnPath(): RedisLauncher | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of ['redis-server', 'valkey-server', 'redis-check-rdb', 'valkey-check-rdb']) {
    const file = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (file !== undefined) return { kind: 'server', file, found: file };
  }
  return undefined;
}

function installWithApt(): RedisLauncher | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  console.log('No Redis on PATH: installing the Debian package redis-tools …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-q', '-o', 'DPkg::Lock::Timeout=120'];
  try {
    execFileSync('apt-get', [...wait, 'update'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    execFileSync('apt-get', [...wait, 'install', '-y', '--no-install-recommends', 'redis-tools'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    console.log(
      `apt-get could not install it: ${error instanceof Error ? error.message.trim() : String(error)}`,
    );
    return undefined;
  }
  const launcher = findOnPath();
  return launcher && { ...launcher, found: `${launcher.found}, installed with apt-get` };
}

async function findDocker(): Promise<RedisLauncher | undefined> {
  // Loaded late: it is large, and seldom needed.
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
