/**
 * Runs a script of this repository: `node scripts/bootstrap.mjs scripts/start.ts [arguments]`.
 * Installs the dependencies first when they do not fit the checkout, then runs the script with the
 * Node.js of node_modules, because the machine's own may be too old to run TypeScript. Must itself
 * run on Node.js 20 without any dependency.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whenParentEnds } from './when-parent-ends.mjs';

const pnpm = 'pnpm@12.21.0';
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, 'node_modules', '.kiln-installed');
const lockFile = join(root, '.tmp', 'install.lock');
const [script, ...scriptArguments] = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(
    'Kiln needs Node.js 20 or newer to start (it installs the one it runs on by itself); this ' +
      `is ${process.version}.`,
  );
}
if (script === undefined)
  fail('Which script? For example: node scripts/bootstrap.mjs scripts/start.ts');

await ensureInstalled();
run(nodeBinary(), [resolve(root, script), ...scriptArguments]);

/** Everything that decides what is installed; a changed hash means: install. */
function fingerprint() {
  const hash = createHash('sha256').update(`${pnpm} ${process.platform} ${process.arch}`);
  const manifests = ['apps', 'packages'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .sort()
          .map((name) => join(folder, name, 'package.json'))
      : [],
  );
  for (const file of [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    '.npmrc',
    'package.json',
    ...manifests,
  ]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`\n${file}\n`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function isInstalled() {
  return (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === fingerprint() &&
    existsSync(nodeBinary())
  );
}

async function ensureInstalled() {
  if (isInstalled()) return;
  await takeLock();
  // Another run may have installed while this one waited for the lock.
  if (!isInstalled()) install();
  releaseLock();
}

function install() {
  console.error('Installing dependencies …');
  const wanted = fingerprint();
  const result = spawnSync('npx', ['--yes', pnpm, 'install', '--frozen-lockfile'], {
    cwd: root,
    // CI: pnpm must never ask. The npm_ variables of an enclosing `npm --prefix` would point npx at
    // another folder.
    env: { ...withoutNpmPaths(process.env), CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  if (result.error)
    fail(`Kiln could not run npx to install its dependencies: ${result.error.message}`);
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}`);
    fail(
      'Installing the dependencies failed (see above): is the npm registry reachable, and does ' +
        `pnpm-lock.yaml fit the package.json files? By hand: npx --yes ${pnpm} install`,
    );
  }
  writeFileSync(stampFile, wanted);
}

/**
 * One installer at a time. The lock appears in one step with its owner's pid in it (a link to a
 * finished file), so that a lock left behind by a killed run can be told from one that is held.
 */
async function takeLock() {
  const claim = `${lockFile}.${process.pid}`;
  mkdirSync(dirname(lockFile), { recursive: true });
  writeFileSync(claim, String(process.pid));
  process.once('exit', () => rmSync(claim, { force: true }));
  while (!isTaken(claim)) {
    await new Promise((done) => setTimeout(done, 200));
    if (!isAlive(lockOwner())) rmSync(lockFile, { force: true });
  }
  process.once('exit', releaseLock);
}

function isTaken(claim) {
  try {
    linkSync(claim, lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function releaseLock() {
  if (lockOwner() === process.pid) rmSync(lockFile, { force: true });
}

function lockOwner() {
  try {
    return Number(readFileSync(lockFile, 'utf8'));
  } catch {
    return Number.NaN; // released just now
  }
}

function isAlive(pid) {
  try {
    // Signal 0 only checks that the process exists. Process id 0 would mean our own group.
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * The binary itself, not the shell shim of node_modules/.bin: a shim would stand between us and the
 * signals.
 */
function nodeBinary() {
  return join(
    root,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
}

function withoutNpmPaths(env) {
  const unwanted = /^npm_(config_(local_|global_)?prefix|package_|lifecycle_)/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !unwanted.test(name)));
}

function run(command, args) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  // Compiled code is kept between runs, also without its types, so that processes start sooner.
  const cache = join(root, 'node_modules', '.cache', 'node');
  const env = { NODE_COMPILE_CACHE: cache, ...process.env, PATH: path };
  const child = spawn(command, args, { stdio: 'inherit', env });
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal's Ctrl-C has already reached the child. Passing it on would count as a second
      // signal, which ends the child at once.
      if (signal === 'SIGINT' && isTerminal) return;
      child.kill(signal);
    });
  }
  // npm passes a signal to its shell only, and the shell ends without passing it on.
  whenParentEnds(() => child.kill('SIGTERM'));
  child.on('error', (error) => fail(`Kiln could not run ${command}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    // End as the child did, so that a caller that looks at the signal sees it.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    process.exitCode = 128 + constants.signals[signal];
  });
}

/** @returns {never} */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
