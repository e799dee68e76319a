/**
 * Question: does an API process go on answering while callers make it work for nothing? Each
 * attack below runs eight times at once, over and over, and half of its callers hang up at once.
 * Some bodies are just within the limits, because those cost the most work that is not refused.
 * Meanwhile `/livez` is asked twenty times a second. Target: its p99 is below 250 ms, and the
 * process is idle again within two seconds after the last caller has gone. The baseline in the same
 * run is an API without callers beside two busy loops. An attack is one entry of `attacks`.
 * Processor time is read from /proc, so this runs on Linux only.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxJsonFields, maxJsonLevels } from '../packages/shared/src/bounded-json.ts';
import { deepJob, overlappingZip, wideJob } from './attacks/bodies.ts';
import { envOn, openBenchDatabase } from './support/bench-database.ts';
import { startApi } from './support/kiln-processes.ts';
import { probeLivez } from './attacks/probe-livez.ts';
import { readCpuMs } from './support/process-cpu.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, only: { type: 'string' } },
});
const attackMs = Number(values.seconds) * 1_000;
const atOnce = 8;
const fileBytes = 100_000_000;

interface Attack {
  name: string;
  /** Runs once before; its result goes to each call. */
  prepare(): Promise<string>;
  call(prepared: string, signal: AbortSignal): Promise<Response>;
  /** Every caller hangs up at once, instead of every second one. */
  allHangUp?: true;
}

const line = '{"custom_id":"1","method":"POST","url":"/v1/images/generations","body":{}}\n';

const attacks: readonly Attack[] = [
  validation('JSONL of empty lines', 'rows.jsonl', line, '\n'),
  {
    ...validation('JSONL of empty lines, all hang up', 'rows.jsonl', line, '\n'),
    allHangUp: true,
  },
  validation('JSONL of broken lines', 'rows.jsonl', line, '{\n'),
  validation('CSV of empty lines', 'rows.csv', 'prompt\nA boat\n', '\n'),
  validation('CSV of empty rows', 'rows.csv', 'prompt,n\nA boat,1\n', ',\n'),
  validation('CSV of rows with too many cells', 'rows.csv', 'prompt,n\nA boat,1\n', 'a,b,c\n'),
  validation('CSV that is not UTF-8 at its end', 'rows.csv', 'prompt,n\n', 'A boat,1\n', '\xff'),
  submission('JSON of 21 MB with 2 million fields', () => wideJob(2_000_000)),
  submission('JSON with too many fields', () => wideJob(6_000)),
  submission('JSON with as many fields as allowed', () => wideJob(maxJsonFields)),
  submission('JSON of 5,000 levels', () => deepJob(5_000)),
  submission('JSON with a level too many', () => deepJob(maxJsonLevels + 1)),
  submission('JSON of as many levels as allowed', () => deepJob(maxJsonLevels)),
  overlappingZips(),
  {
    name: 'archives and manifests',
    prepare: makeBatch,
    call: (id, signal) => get(`/v1/batches/${id}/archive.zip`, signal),
  },
  {
    name: 'searches',
    prepare: makeBatch,
    call: (_, signal) => get('/v1/jobs?q=nothing%20like%20this', signal),
  },
];

const database = await openBenchDatabase();
const api = await startApi({ ...envOn(database), LOG_LEVEL: 'fatal' });
try {
  const results: Record<string, unknown> = {
    'no attack': await measure(async () => undefined),
    'no attack, two busy loops': await measure(keepBusy),
  };
  for (const attack of attacks) {
    if (values.only !== undefined && !attack.name.includes(values.only)) continue;
    const prepared = await attack.prepare();
    results[attack.name] = await measure((signal) => runAttack(attack, prepared, signal));
  }
  console.table(results);
} finally {
  await api.stop();
  await database.close();
}

function validation(
  name: string,
  filename: string,
  head: string,
  piece: string,
  tail = '',
): Attack {
  return {
    name,
    async prepare() {
      const body = piece.repeat(Math.ceil((fileBytes - head.length) / piece.length));
      const form = new FormData();
      form.set('purpose', 'batch');
      form.set('file', new Blob([head, body, Buffer.from(tail, 'latin1')]), filename);
      const response = await fetch(`${api.url}/v1/files`, { method: 'POST', body: form });
      if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
      return ((await response.json()) as { id: string }).id;
    },
    call: (id, signal) =>
      fetch(`${api.url}/v1/batches/validate`, {
        method: 'POST',
        body: JSON.stringify({ input_file_id: id }),
        headers: { 'content-type': 'application/json' },
        signal,
      }),
  };
}

/** The body is made once, before the attack. */
function submission(name: string, makeBody: () => string): Attack {
  let body = new Blob([]);
  return {
    name,
    async prepare() {
      body = await Promise.resolve(new Blob([makeBody()]));
      return '';
    },
    call: (_, signal) =>
      fetch(`${api.url}/v1/jobs`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
        signal,
      }),
  };
}

function overlappingZips(): Attack {
  let zip = new Blob([]);
  return {
    name: 'zip whose entries share their bytes',
    async prepare() {
      zip = await Promise.resolve(new Blob([new Uint8Array(overlappingZip(1_000))]));
      return '';
    },
    call(_, signal) {
      const form = new FormData();
      form.set('file', new Blob(['prompt,image\nA boat,0.png\n']), 'rows.csv');
      form.append('files', zip, 'pictures.zip');
      return fetch(`${api.url}/v1/batches/validate`, { method: 'POST', body: form, signal });
    },
  };
}

async function makeBatch(): Promise<string> {
  const response = await fetch(`${api.url}/v1/batches`, {
    method: 'POST',
    body: 'prompt\nA boat\n',
    headers: { 'content-type': 'text/csv' },
  });
  return ((await response.json()) as { id: string }).id;
}

function get(path: string, signal: AbortSignal): Promise<Response> {
  return fetch(api.url + path, { signal });
}

/** What a busy machine of two cores does to the answers without any attack. */
async function keepBusy(signal: AbortSignal): Promise<undefined> {
  const threads = Array.from({ length: 2 }, () => new Worker('for (;;);', { eval: true }));
  await once(signal, 'abort');
  await Promise.all(threads.map((thread) => thread.terminate()));
}

/** Eight callers repeat the attack until the signal aborts. Every second one hangs up at once. */
async function runAttack(
  attack: Attack,
  prepared: string,
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const repeat = async (caller: number): Promise<void> => {
    while (!signal.aborted) {
      const stays = caller % 2 === 0 && attack.allHangUp !== true;
      const own = stays ? signal : AbortSignal.any([signal, AbortSignal.timeout(100)]);
      try {
        const response = await attack.call(prepared, own);
        await response.arrayBuffer();
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        if (response.status === 503) await sleep(20);
      } catch {
        statuses.set(0, (statuses.get(0) ?? 0) + 1); // the caller hung up
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, caller) => repeat(caller)));
  return statuses;
}

async function measure(attack: (signal: AbortSignal) => Promise<Map<number, number> | undefined>) {
  const controller = new AbortController();
  const attacking = attack(controller.signal);
  const times = await probeLivez({ url: api.url, forMs: attackMs });
  controller.abort();
  const statuses = await attacking;
  await sleep(2_000);
  const { pid } = api.process;
  const before = readCpuMs(pid);
  await sleep(1_000);
  const idle = readCpuMs(pid) - before;
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return {
    'livez p50 ms': at(0.5),
    'p99 ms': at(0.99),
    'max ms': at(0.9999),
    answers: [...(statuses ?? [])].map(([status, count]) => `${count} × ${status}`).join(', '),
    'CPU afterwards': `${Math.round(idle / 10)} %`,
  };
}
