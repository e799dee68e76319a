/**
 * Sends random requests to every operation of Kiln's OpenAPI document, and reports what must never
 * happen: a status of 500 or above, no answer within five seconds, an answer that the document does
 * not describe, a line of an error in the log of the API or the worker, a process that ended, a
 * batch that no worker can finish. Used by `npm run fuzz` and, with few requests, by a test.
 */
import { Agent } from 'node:http';
import fc from 'fast-check';
import type { FaultEnvironment } from '../../tests/faults/rig/environment.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { readDocument } from './document.ts';
import { createIds } from './ids.ts';
import { createJudge } from './judge.ts';
import { requestsTo, type FuzzRequest } from './requests.ts';
import { pathOf, send, type Outcome, type Target } from './send.ts';
import { watchProcesses } from './watch-processes.ts';

export interface FuzzReport {
  requests: number;
  /** How many answers had each status; `hung up` counts clients that did not wait. */
  answers: Record<string, number>;
  slowestMs: number;
  seconds: number;
  /** What must never happen, each with its request. */
  findings: string[];
}

const concurrency = 8;
const perSample = 500;
const mostFindings = 50;
/** How long a process that does not answer may take to end. */
const endMs = 10_000;

export interface FuzzOptions {
  count: number;
  seed: number;
  receiverUrl: string;
  /** @param memory what the processes use now */
  progress?: (sent: number, memory: string) => void;
}

export async function fuzz(
  environment: FaultEnvironment,
  { count, seed, receiverUrl, progress }: FuzzOptions,
): Promise<FuzzReport> {
  const started = performance.now();
  const url = new URL(String(environment.api.ready['url']));
  const raw: unknown = await (await fetch(new URL('/openapi.json', url))).json();
  const document = readDocument(raw);
  const judge = createJudge(document);
  const arbitrary = requestsTo(document);
  const ids = createIds(receiverUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const target: Target = { url, agent, ids };
  const report: FuzzReport = { requests: 0, answers: {}, slowestMs: 0, seconds: 0, findings: [] };
  const found = new Set<string>();
  const { api } = environment;
  const watch = watchProcesses(environment);

  function addFinding(kind: string, details: string): void {
    if (found.has(kind)) return; // one example of each kind is enough
    found.add(kind);
    if (report.findings.length < mostFindings) report.findings.push(`${kind}\n  ${details}`);
  }

  function countAnswer(name: string): void {
    report.answers[name] = (report.answers[name] ?? 0) + 1;
  }

  /** Kiln does some work for a few requests at a time, and answers others with 503. */
  let heavy = Promise.resolve<Outcome>({ status: 'hung_up' });

  async function tryOne(request: FuzzRequest): Promise<void> {
    const path = pathOf(request, ids);
    const route = `${request.operation.method} ${request.operation.path}`;
    const sent = [path, JSON.stringify(request.headers), showBody(request)].join(' ');
    const shown = `${request.operation.method} ${sent}`;
    watch.begin(request.hangUp === 'never' ? shown : `${shown} (hangs up: ${request.hangUp})`);
    const outcome = await (isHeavy(request, path)
      ? (heavy = heavy.then(() => send(target, request)))
      : send(target, request));
    report.requests += 1;
    if (api.end() !== null) return; // it is a finding below
    switch (outcome.status) {
      case 'hung_up':
        countAnswer('hung up');
        break;
      case 'unsendable':
        countAnswer('unsendable');
        break;
      case 'no_answer':
        countAnswer('no answer');
        addFinding(`${route}: ${outcome.reason}`, shown);
        break;
      case 'answered': {
        const { answer } = outcome;
        countAnswer(String(answer.status));
        report.slowestMs = Math.max(report.slowestMs, answer.ms);
        if (answer.body !== null && answer.type.startsWith('application/json'))
          ids.collect(answer.body.toString());
        const problem = judge(request, path, answer);
        if (problem !== null) addFinding(`${route}: ${problem}`, shown);
      }
    }
  }

  for (let sent = 0; sent < count; sent += perSample) {
    const size = Math.min(perSample, count - sent);
    const sample = fc.sample(arbitrary, { numRuns: size, seed: seed + sent });
    const queue = sample.values();
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        for (const request of queue) {
          if (api.end() !== null) return;
          await tryOne(request);
        }
      }),
    );
    watch.sample(sent + size);
    if (!(await openEverything(url))) {
      await waitFor(() => api.end() !== null, { timeoutMs: endMs, what: 'the API to end' }).catch(
        () => addFinding('the API answers no request, and has not ended', ''),
      );
      break;
    }
    progress?.(sent + size, watch.describeMemory());
  }
  agent.destroy();
  await settle(environment).catch((error: unknown) => addFinding(String(error), ''));
  for (const line of errorLines(environment)) addFinding(`log: ${kindOfLine(line)}`, line);
  // They explain the others, and come first however many those are.
  report.findings.unshift(...watch.findEnds());
  report.seconds = (performance.now() - started) / 1_000;
  return report;
}

function isHeavy({ operation }: FuzzRequest, path: string): boolean {
  return (
    (operation.method === 'POST' && operation.path.startsWith('/v1/batches')) ||
    /\.(zip|csv|jsonl)\b|[?&]q=/.test(path)
  );
}

/**
 * What the fuzzer has paused would stay so, and later requests would find little at work. Returns
 * false if the API does not answer.
 */
async function openEverything(url: URL): Promise<boolean> {
  return fetch(new URL('/v1/pools/default/resume', url), { method: 'POST' }).then(
    () => true,
    () => false,
  );
}

/** Waits until no batch is left that a worker could advance. */
async function settle(environment: FaultEnvironment): Promise<void> {
  await waitFor(
    async () => {
      const rows = await environment.query(
        `select id from kiln.batches where status in ('validating', 'finalizing')
           or failed_runs > 0 limit 1`,
      );
      return rows.length === 0;
    },
    { what: 'every batch to be validated and finished' },
  );
}

interface LogLine {
  level?: number;
  msg?: string;
  err?: { message?: string; type?: string };
}

/** Lines of the level `error` and above, and lines that are no log at all. */
function errorLines({ api, formerApis, workers }: FaultEnvironment): string[] {
  return [api, ...formerApis, ...workers]
    .flatMap((child) => child.output().split('\n'))
    .filter((line) => line !== '' && (parseLine(line).level ?? 60) >= 50);
}

function kindOfLine(line: string): string {
  const { msg, err } = parseLine(line);
  return `${msg ?? line.slice(0, 200)} ${err?.type ?? ''} ${err?.message?.slice(0, 200) ?? ''}`;
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}

function showBody({ body }: FuzzRequest): string {
  return body === null ? '' : JSON.stringify(Buffer.from(body).toString('latin1').slice(0, 1_000));
}
