/** The start gate over a long time: it keeps nothing of the jobs that have gone through it. */
import { createLogger } from '@kiln/shared/logger';
import type { PoolGuard } from '@kiln/shared/quota/pool-guard';
import { createStartGate } from '@kiln/shared/services/running/gate/start-gate';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { waitFor } from '../../../support/wait-for.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('jobs that were claimed leave nothing behind', async () => {
  const gate = createStartGate({
    guard: {} as PoolGuard,
    pools: [],
    minuteMs: 60_000,
    stopping: new AbortController().signal,
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  const before = usedBytes();
  for (let job = 0; job < 100_000; job += 1) await gate.enter().claimed();
  // Each job has a timer for a moment.
  await waitFor(() => usedBytes() - before < 3_000_000, {
    what: 'memory to be free again',
    timeoutMs: 20_000,
  });
  // The gate is still in use, so what it keeps was counted.
  expect(gate.enter().ticket).toBe(100_001);
});
