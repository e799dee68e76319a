/**
 * Question: what does Kiln add to parsing a CSV file? Compares the rows a second of csv-parse alone
 * with those of Kiln's reader, which detects the encoding by reading the whole file, makes and
 * checks the request of each row, and finds duplicate custom ids; and again with the rules of the
 * model. Each runs in its own process and is measured by CPU time, because the machine may be
 * shared. Target: at least 0.4 of csv-parse alone, and memory that does not grow with the file.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkJobRequest } from '@kiln/shared/models/job-rules';
import { maxRows } from '@kiln/shared/tabular/limits';
import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import type { RequestCheck } from '@kiln/shared/tabular/table';
import { parse } from 'csv-parse';
import { writeRows } from './support/write-rows.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    measure: { type: 'string' },
    file: { type: 'string' },
  },
});

const target = { provider: 'openai', model: 'gpt-image-2', today: new Date() } as const;
const measured: Record<string, (path: string) => Promise<number>> = {
  'csv-parse alone': countRecords,
  Kiln: (path) => countRows(path),
  'Kiln, with the rules of the model': (path) =>
    countRows(path, (request) => checkJobRequest(request, target).problems),
};

if (values.measure !== undefined && values.file !== undefined) {
  await measure(values.measure, values.file);
} else {
  await compare(Number(values.rows));
}

async function compare(rows: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-bench-csv-'));
  try {
    const file = join(folder, 'rows.csv');
    await writeRows(file, rows, promptOf);
    const { size } = await stat(file);
    console.log(`${rows.toLocaleString('en')} rows, ${(size / 1e6).toFixed(0)} MB`);
    const results = Object.keys(measured).map((name) => ({ name, ...runMeasure(name, file) }));
    const alone = results[0]?.rowsPerSecond ?? Number.NaN;
    console.table(
      Object.fromEntries(
        results.map(({ name, ...result }) => [
          name,
          { ...result, ratio: Number((result.rowsPerSecond / alone).toFixed(2)) },
        ]),
      ),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

function promptOf(number: number): string {
  return `A ceramic teapot no ${number} on a linen cloth, morning light, product photograph`;
}

interface Measured {
  cpuSeconds: number;
  rowsPerSecond: number;
  peakMegabytes: number;
}

function runMeasure(name: string, file: string): Measured {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [import.meta.filename, '--measure', name, '--file', file],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

async function measure(name: string, file: string): Promise<void> {
  const before = process.cpuUsage();
  const rows = (await measured[name]?.(file)) ?? 0;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = Number(((user + system) / 1e6).toFixed(2));
  const rowsPerSecond = Math.round(rows / cpuSeconds);
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ cpuSeconds, rowsPerSecond, peakMegabytes } satisfies Measured));
}

async function countRecords(path: string): Promise<number> {
  let count = -1;
  const parser = createReadStream(path).pipe(
    parse({ bom: true, record_delimiter: ['\r\n', '\n', '\r'], max_record_size: 1_048_576 }),
  );
  for await (const _ of parser) count += 1;
  return count;
}

async function countRows(path: string, check?: RequestCheck): Promise<number> {
  const limits = { rows: maxRows };
  const table = await openCsv(() => createReadStream(path), check ? { limits, check } : { limits });
  if (table.status === 'refused') throw new Error(table.problems[0]?.message);
  let count = 0;
  for await (const row of table.rows()) if (row.status === 'valid') count += 1;
  return count;
}
