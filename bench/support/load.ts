/** A closed-loop load: each connection sends its next request when the last one was answered. */
import { Agent, request } from 'node:http';

export interface LoadResult {
  perSecond: number;
  /** The duration of each request in milliseconds. */
  p50: number;
  p99: number;
}

export async function runLoad(options: {
  url: string;
  connections: number;
  requests: number;
  body: (index: number) => string;
}): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const times: number[] = [];
  let next = 0;

  async function connection(): Promise<void> {
    while (next < options.requests) {
      const started = performance.now();
      await post(options.url, agent, options.body(next++));
      times.push(performance.now() - started);
    }
  }

  const started = performance.now();
  await Promise.all(Array.from({ length: options.connections }, connection));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  const sorted = times.toSorted((one, other) => one - other);
  return {
    perSecond: times.length / seconds,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
  };
}

/** @param sorted ascending; @returns NaN for none */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function post(url: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          if ((response.statusCode ?? 500) < 300) resolve();
          else reject(new Error(`${url} answered ${response.statusCode}`));
        });
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}
