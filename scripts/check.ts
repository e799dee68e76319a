/**
 * `npm run check` runs format, lint, types, import rules, prose rules, the comparison of the model
 * table with the SDK's types, that of the client with the API, the studio's texts and build, unused
 * code and the compose file side by side, prints one line for each, and the output of those that
 * failed. `npm run check -- --fix` formats, wraps and mends what can be mended first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

interface Step {
  name: string;
  command: string[];
  env?: Record<string, string>;
}

const root = join(import.meta.dirname, '..');
// Finds the repository's tools also when the script runs without the bootstrap.
const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);

const fixes: Step[] = [
  { name: 'client (write)', command: [process.execPath, 'scripts/studio/client.ts'] },
  { name: 'lint (fix)', command: ['oxlint', '--fix'] },
  { name: 'prose (wrap)', command: [process.execPath, 'scripts/wrap-prose.ts'] },
  { name: 'format (fix)', command: ['oxfmt', '--write', '.'] },
];
const steps: Step[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'lint', command: ['oxlint', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--project', 'tsconfig.json'] },
  { name: 'arrows', command: [process.execPath, 'scripts/check-arrows.ts'] },
  { name: 'prose', command: [process.execPath, 'scripts/check-prose.ts'] },
  { name: 'models', command: [process.execPath, 'scripts/models-check.ts'] },
  { name: 'client', command: [process.execPath, 'scripts/studio/client.ts', '--check'] },
  { name: 'types (web)', command: ['tsc', '--project', 'apps/web/tsconfig.json'] },
  { name: 'texts', command: [process.execPath, 'scripts/studio/check-texts.ts'] },
  { name: 'studio', command: [process.execPath, 'scripts/studio/build.ts'] },
  { name: 'unused', command: ['knip', '--no-progress'] },
];
if (hasCompose()) {
  // The compose file requires API keys, whose values do not matter here.
  steps.push({
    name: 'compose',
    command: ['docker', 'compose', 'config', '--quiet'],
    env: { KILN_API_KEYS: 'check' },
  });
} else {
  console.log('- compose: skipped, because docker compose is not installed');
}

// Fixes write files, so they run one after the other and before the checks read them.
if (process.argv.includes('--fix')) for (const fix of fixes) await run(fix);
const results = await Promise.all(steps.map(run));
process.exit(results.every(Boolean) ? 0 : 1);

async function run(step: Step): Promise<boolean> {
  const started = performance.now();
  const { code, output } = await execute(step);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${code === 0 ? '✓' : '✗'} ${step.name} (${seconds} ` +
      `s)${code === 0 ? '' : `\n${output.trimEnd()}\n`}`,
  );
  return code === 0;
}

function execute({
  command: [file = '', ...args],
  env,
}: Step): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

function hasCompose(): boolean {
  return spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
}
