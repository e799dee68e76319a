/**
 * Builds the studio (apps/web) when its sources have changed since the last build. The build keeps
 * the hash of the sources it was made from, so a warm start reads them and builds nothing. A new
 * build replaces the old one in one step.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const web = join(root, 'apps/web');
const built = join(web, 'dist');
const stamp = '.sources';

const sources = [
  'apps/web/*.{html,json,ts}',
  'apps/web/{build,public,src}/**/*.*',
  'packages/client/src/**/*.ts',
  'pnpm-lock.yaml',
];

/**
 * Resolves when the build is up to date.
 * @param say takes a line for people, where something is built
 */
export async function buildStudio(say: (sentence: string) => void): Promise<void> {
  const wanted = hashSources();
  const stampFile = join(built, stamp);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  const startedMs = performance.now();
  const fresh = join(root, '.tmp', `studio-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    await runVite(fresh);
    await writeFile(join(fresh, stamp), wanted);
    rmSync(built, { recursive: true, force: true });
    renameSync(fresh, built);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  say(`built the studio in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const path of globSync(sources, { cwd: root }).sort())
    hash.update(`\n${path}\n`).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

/** Throws what Vite has printed, where it fails. */
function runVite(outDir: string): Promise<void> {
  const vite = join(web, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--logLevel', 'warn', '--outDir', outDir, '--emptyOutDir'];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(process.execPath, args, { cwd: web, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.once('error', reject);
  child.once('close', (code) =>
    code === 0 ? resolve() : reject(new Error(`the studio could not be built:\n${output}`)),
  );
  return promise;
}
