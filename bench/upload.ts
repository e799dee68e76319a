/**
 * Question: does an upload of 150 MB to `POST /v1/files` stay out of memory, and how fast is it? A
 * bare Node server that writes the body to a file is the comparison. Each is a process of its own;
 * their rounds alternate on the same disk. Target: resident memory grows by less than 60 MB, and at
 * least 0.5 of the bare rate. Memory is read from /proc, so this runs on Linux only.
 */
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { startChild } from './support/kiln-processes.ts';
import { readMemory, resetPeak } from './support/process-memory.ts';

const bytes = 150_000_000;
const rounds = 5;
const mega = 1_000_000;

interface Round {
  perSecond: number;
  /** The highest resident memory, less what the process had before its first upload. */
  grewBy: number;
}

const database = await openBenchDatabase();
const content = new Blob([Buffer.alloc(bytes, '{"prompt": "A small boat in morning fog"}\n')]);
const form = new FormData();
form.set('purpose', 'batch');
form.set('file', content, 'rows.jsonl');

const bare = await start('bench/baselines/bare-upload-server.ts', '', content);
const kiln = await start('apps/api/src/main.ts', '/v1/files', form);
try {
  for (const target of [bare, kiln]) await target.upload(); // warm up
  for (let round = 0; round < rounds; round++) {
    for (const target of [bare, kiln]) target.rounds.push(await target.upload());
  }
} finally {
  for (const { child } of [bare, kiln]) await child.stop();
  await database.close();
}

const [bareRate, kilnRate] = [rateOf(bare.rounds), rateOf(kiln.rounds)];
console.log(`An upload of ${bytes / mega} MB, median of ${rounds} rounds`);
console.table({ 'bare file': shown(bare.rounds), 'POST /v1/files': shown(kiln.rounds) });
console.log(
  `ratio ${(kilnRate / bareRate).toFixed(2)} (target 0.5 or more), memory ` +
    `${(mostOf(kiln.rounds) / mega).toFixed(0)} MB (target under 60)`,
);

async function start(entry: string, path: string, body: Blob | FormData) {
  const child = await startChild(entry, { ...envOn(database), PORT: '0', LOG_LEVEL: 'warn' });
  const { pid } = child.process;
  const before = readMemory(pid, 'VmRSS');
  return {
    child,
    rounds: [] as Round[],
    async upload(): Promise<Round> {
      resetPeak(pid);
      const began = performance.now();
      const response = await fetch(child.url + path, { method: 'POST', body });
      await response.text();
      if (!response.ok) throw new Error(`${entry} answered ${response.status}`);
      const perSecond = bytes / ((performance.now() - began) / 1000);
      return { perSecond, grewBy: readMemory(pid, 'VmHWM') - before };
    },
  };
}

function rateOf(all: readonly Round[]): number {
  return (
    all.map(({ perSecond }) => perSecond).toSorted((one, other) => one - other)[all.length >> 1] ??
    0
  );
}

function mostOf(all: readonly Round[]): number {
  return Math.max(...all.map(({ grewBy }) => grewBy));
}

function shown(all: readonly Round[]) {
  return {
    'MB/s': Math.round(rateOf(all) / mega),
    'memory grew by, MB': Math.round(mostOf(all) / mega),
  };
}
