/**
 * Opens many clients of event streams in this process and records when each event reached each of
 * them.
 */
import { Agent, get, type ClientRequest } from 'node:http';

export interface EventClients {
  /** Arrival times in Unix milliseconds, by event id. */
  arrivals: ReadonlyMap<string, readonly number[]>;
  count(): number;
  close(): void;
}

/**
 * Resolves when every stream has begun.
 * @param urls one client each
 */
export async function openEventClients(urls: readonly string[]): Promise<EventClients> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const arrivals = new Map<string, number[]>();
  const requests: ClientRequest[] = [];
  let count = 0;

  function open(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = get(url, { agent }, (response) => {
        if (response.statusCode !== 200)
          reject(new Error(`${url} answered ${response.statusCode}`));
        let rest = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          const at = performance.timeOrigin + performance.now();
          resolve(); // the first bytes show that the stream has begun
          const lines = (rest + text).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            if (!line.startsWith('id: ')) continue;
            const id = line.slice(4);
            const times = arrivals.get(id) ?? [];
            if (times.length === 0) arrivals.set(id, times);
            times.push(at);
            count += 1;
          }
        });
        response.on('error', () => undefined); // it is closed at the end
      });
      request.on('error', reject);
      requests.push(request);
    });
  }

  // Opens a few at a time, because the speed of connecting is not measured.
  for (let first = 0; first < urls.length; first += 50)
    await Promise.all(urls.slice(first, first + 50).map(open));
  return {
    arrivals,
    count: () => count,
    close() {
      for (const request of requests) request.destroy();
      agent.destroy();
    },
  };
}
