/**
 * Callers that do not give up: each repeats its request with its Idempotency-Key until the job is
 * accepted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { promptMarker, type FaultEnvironment } from '../../tests/faults/rig/environment.ts';

/** Submits the jobs evenly over the time and returns their ids. */
export async function submitAll(
  environment: FaultEnvironment,
  names: readonly string[],
  overMs: number,
): Promise<string[]> {
  return Promise.all(
    names.map(async (name, index) => {
      await delay((overMs / names.length) * index);
      return submit(environment, name);
    }),
  );
}

async function submit(environment: FaultEnvironment, name: string): Promise<string> {
  const body = JSON.stringify({ prompt: `${promptMarker} ${name}`, quality: 'low' });
  const headers = { 'content-type': 'application/json', 'idempotency-key': name };
  for (;;) {
    const signal = AbortSignal.timeout(5_000);
    const answer = await environment
      .request('/v1/jobs', { method: 'POST', body, headers, signal })
      .catch(() => null);
    if (answer?.status === 202) {
      const job = (await answer.json().catch(() => null)) as { id: string } | null;
      if (job !== null) return job.id;
    } else if (answer !== null && answer.status < 500 && answer.status !== 409) {
      throw new Error(`the job was refused: ${await answer.text()}`);
    }
    await delay(100);
  }
}
