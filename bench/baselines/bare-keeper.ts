/**
 * The baseline of `bench/images.ts`: the bare work of storing a picture twice. A child process that
 * makes a fixed number of calls at a time, parses and decodes each answer, and writes it to two
 * files, both flushed. No records, no checks.
 */
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const {
  BENCH_FOLDER: folder = '',
  BENCH_JOBS: jobs = '',
  BENCH_AT_ONCE: atOnce = '',
  BENCH_PROVIDER: url = '',
} = process.env;
mkdirSync(folder, { recursive: true });

const keptAt: [string, number][] = [];
let next = 0;

async function runner(): Promise<void> {
  while (next < Number(jobs)) {
    const id = `bare-${next++}`;
    const response = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { 'x-kiln-job-id': id },
    });
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    for (const [index, { b64_json: base64 }] of data.entries()) {
      const bytes = Buffer.from(base64, 'base64');
      for (const copy of ['spool', 'store'])
        await writeFile(join(folder, `${id}-${index}-${copy}.png`), bytes, { flush: true });
    }
    keptAt.push([id, performance.timeOrigin + performance.now()]);
  }
}

process.send?.({ type: 'ready' });
await Promise.all(Array.from({ length: Number(atOnce) }, runner));
process.send?.({ type: 'done', keptAt });
process.once('disconnect', () => process.exit(0));
