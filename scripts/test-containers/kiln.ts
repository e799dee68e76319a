/**
 * A caller of the Kiln that `npm run test:containers` runs, and the provider's side of its calls.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Project } from './docker.ts';

export interface Job {
  id: string;
  status: string;
  attempts: { made: number };
  images: { url: string }[];
}

export interface ProviderCounters {
  calls: number;
  paid: number;
  in_flight: number;
}

export interface Caller {
  /** Returns the first picture of a new job. */
  picture(prompt: string): Promise<Buffer>;
  submit(count: number): Promise<string[]>;
  /** Waits for the ends of the jobs, and returns them. */
  ended(ids: readonly string[]): Promise<Job[]>;
  /** Resolves when a number of the jobs is with the provider. */
  running(ids: readonly string[], count: number): Promise<void>;
  /** The hash of every picture, by its job. */
  hashes(ids: readonly string[]): Promise<Map<string, string[]>>;
  /** Asks until stopped, and returns the longest time without an answer. */
  watch(): { stop(): Promise<number> };
  request(path: string, init?: RequestInit): Promise<Response>;
}

const finished = new Set(['succeeded', 'failed', 'cancelled', 'expired']);
const waitLimitMs = 300_000;

export function createCaller(url: string, key: string): Caller {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const request = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, url), {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string>) },
    });

  async function read(id: string): Promise<Job> {
    const answer = await request(`/v1/jobs/${id}`);
    if (!answer.ok) throw new Error(`GET /v1/jobs/${id}: ${answer.status}`);
    return (await answer.json()) as Job;
  }

  /** Repeats while the API is away. */
  async function until<T>(what: string, find: () => Promise<T | null>): Promise<T> {
    const startedMs = performance.now();
    while (performance.now() - startedMs < waitLimitMs) {
      const found = await find().catch(() => null);
      if (found !== null) return found;
      await delay(250);
    }
    throw new Error(`waited ${waitLimitMs / 1_000} s for ${what}`);
  }

  return {
    request,
    async picture(prompt) {
      const answer = await request('/v1/jobs', {
        method: 'POST',
        headers: { accept: 'image/*', prefer: 'wait=60' },
        body: JSON.stringify({ prompt }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (bytes.subarray(1, 4).toString('latin1') !== 'PNG')
        throw new Error(`no picture came: ${answer.status} ${bytes.subarray(0, 500).toString()}`);
      return bytes;
    },
    async submit(count) {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) {
        const answer = await request('/v1/jobs', {
          method: 'POST',
          body: JSON.stringify({ prompt: `A boat with the number ${index}` }),
        });
        if (answer.status !== 202) throw new Error(`POST /v1/jobs: ${answer.status}`);
        ids.push(((await answer.json()) as Job).id);
      }
      return ids;
    },
    async ended(ids) {
      const jobs: Job[] = [];
      for (const id of ids)
        jobs.push(
          await until(`the end of ${id}`, async () => {
            const job = await read(id);
            return finished.has(job.status) ? job : null;
          }),
        );
      return jobs;
    },
    async running(ids, count) {
      await until(`${count} jobs to be with the provider`, async () => {
        const jobs = await Promise.all(ids.map(read));
        return jobs.filter(({ status }) => status === 'in_progress').length >= count ? true : null;
      });
    },
    async hashes(ids) {
      const found = new Map<string, string[]>();
      for (const id of ids) {
        const { images } = await read(id);
        const sums: string[] = [];
        for (const image of images) {
          const bytes = await (await request(image.url)).arrayBuffer();
          sums.push(createHash('sha256').update(Buffer.from(bytes)).digest('hex'));
        }
        found.set(id, sums);
      }
      return found;
    },
    watch() {
      const stopping = new AbortController();
      let longestMs = 0;
      let answeredAtMs = performance.now();
      const watching = (async () => {
        while (!stopping.signal.aborted) {
          const signal = AbortSignal.timeout(1_000);
          const isAnswered = await request('/v1/jobs?limit=1', { signal }).then(
            async (answer) => (await answer.text()) !== '' && answer.ok,
            () => false,
          );
          if (isAnswered) {
            longestMs = Math.max(longestMs, performance.now() - answeredAtMs);
            answeredAtMs = performance.now();
          }
          await delay(50);
        }
      })();
      return {
        async stop() {
          stopping.abort();
          await watching;
          return Math.max(longestMs, performance.now() - answeredAtMs);
        },
      };
    },
  };
}

/** Changes the simulator's settings. */
export async function setSimulator(project: Project, settings: object): Promise<void> {
  await project.evaluate(
    'simulator',
    `fetch('http://127.0.0.1:9000/_control/settings', { method: 'PATCH',
      headers: { 'content-type': 'application/json' }, body: '${JSON.stringify(settings)}' })
      .then((answer) => process.exit(answer.ok ? 0 : 1))`,
  );
}

/** What the provider has counted since it started. */
export async function readProvider(project: Project): Promise<ProviderCounters> {
  const text = await project.evaluate(
    'simulator',
    `fetch('http://127.0.0.1:9000/_control/ledger?limit=1').then((answer) => answer.json())
      .then(({ counters }) => console.log(JSON.stringify(counters)))`,
  );
  return JSON.parse(text) as ProviderCounters;
}

/** Ends the process of a container as a crash does; the container's engine starts it again. */
export async function crash(project: Project, service: string): Promise<void> {
  // A signal to the first process of a container from inside is ignored, so the one below it ends.
  await project.tryCompose(
    'exec',
    '-T',
    service,
    'node',
    '-e',
    `const { readdirSync, readFileSync } = require('node:fs');
    for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name)))
      if (/^node\\0apps\\//.test(readFileSync('/proc/' + pid + '/cmdline', 'utf8')))
        process.kill(Number(pid), 'SIGKILL');`,
  );
}
