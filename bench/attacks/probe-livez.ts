/**
 * Asks `/livez` over and over from a thread of its own, so that what the attackers do in the
 * benchmark's own process does not count.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, Worker, workerData } from 'node:worker_threads';

interface Probe {
  url: string;
  forMs: number;
}

const everyMs = 50;

/** Returns how long each answer took, in ms. */
export function probeLivez(probe: Probe): Promise<number[]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: probe });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function ask({ url, forMs }: Probe): Promise<number[]> {
  const times: number[] = [];
  await (await fetch(`${url}/livez`)).arrayBuffer(); // loads code, and is not counted
  const endsAt = performance.now() + forMs;
  while (performance.now() < endsAt) {
    const beganMs = performance.now();
    await (await fetch(`${url}/livez`)).arrayBuffer();
    times.push(performance.now() - beganMs);
    await sleep(everyMs);
  }
  return times;
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
if (parentPort !== null) parentPort.postMessage(await ask(workerData as Probe));
