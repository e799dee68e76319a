/**
 * `npm run bench` runs every file of bench/, `npm run bench -- submit --jobs 500` runs
 * bench/submit.ts with the arguments behind its name, and `npm run bench -- --list` lists the
 * names. Each benchmark is a process of its own, so that none measures what another left in memory.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'bench');
const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.slice(0, -'.ts'.length))
      .toSorted()
  : [];
const [wanted, ...rest] = process.argv.slice(2);

if (names.length === 0) end('There is no benchmark yet: each is one file bench/<name>.ts.');
if (wanted === '--list') {
  console.log(names.join('\n'));
} else if (wanted === undefined) {
  for (const name of names) {
    console.log(`\n# ${name}`);
    run(name, []);
  }
} else if (names.includes(wanted)) {
  run(wanted, rest);
} else {
  end(`There is no benchmark "${wanted}"; there are: ${names.join(', ')}.`);
}

function run(name: string, args: string[]): void {
  const { status } = spawnSync(process.execPath, [join(folder, `${name}.ts`), ...args], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = status ?? 1;
}

function end(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
