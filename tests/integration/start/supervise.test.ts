/**
 * How `npm start` supervises one child process, with waits of milliseconds. The child is a small
 * Node program that runs until it is killed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createRestartWait } from '../../../scripts/start/restart-wait.ts';
import { supervise, type Supervised } from '../../../scripts/start/supervise.ts';
import { waitFor } from '../../support/wait-for.ts';

const waits = { firstMs: 5, longestMs: 40, healthyMs: 60_000 };
const program = "process.send('ready'); setInterval(() => {}, 1_000)";

let supervised: Supervised | null = null;
afterEach(() => supervised?.stop());

interface Spawner {
  start(): Promise<ChildProcess>;
  started: ChildProcess[];
}

/** @param failing the starts, counted from 0, that fail */
function createSpawner(failing: readonly number[] = []): Spawner {
  const started: ChildProcess[] = [];
  let starts = 0;
  return {
    started,
    async start() {
      starts += 1;
      if (failing.includes(starts - 1)) throw new Error('the port is in use');
      const child = spawn(process.execPath, ['-e', program], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      await once(child, 'message');
      started.push(child);
      return child;
    },
  };
}

async function kill(child: ChildProcess | undefined): Promise<void> {
  const ended = once(child!, 'exit');
  child!.kill('SIGKILL');
  await ended;
}

test('a child that dies ten times in a row is started again each time', async () => {
  const { start, started } = createSpawner();
  const said: string[] = [];
  supervised = await supervise(
    { name: 'worker', start, stopSignal: 'SIGTERM' },
    (sentence) => said.push(sentence),
    waits,
  );
  for (let deaths = 1; deaths <= 10; deaths += 1) {
    await kill(started.at(-1));
    await waitFor(() => started.length === deaths + 1, { what: `start ${deaths + 1}` });
  }
  expect(said.filter((sentence) => sentence.includes('starting it again'))).toEqual(
    [5, 10, 20, 40, 40, 40, 40, 40, 40, 40].map(
      (ms, index) =>
        `the worker (process ${started[index]?.pid}) was killed by SIGKILL; starting it again ` +
        `in ${ms / 1_000} s`,
    ),
  );
});

test('a later start that fails is tried again, and the reason is reported', async () => {
  const { start, started } = createSpawner([1, 2]);
  const said: string[] = [];
  supervised = await supervise(
    { name: 'api', start, stopSignal: 'SIGTERM' },
    (sentence) => said.push(sentence),
    waits,
  );
  await kill(started[0]);
  await waitFor(() => said.length === 4, { what: 'it to run again' });
  expect(said.slice(1)).toEqual([
    'the api could not be started again: the port is in use; trying again in 0.01 s',
    'the api could not be started again: the port is in use; trying again in 0.02 s',
    `the api runs again (process ${started[1]?.pid})`,
  ]);
});

test('the first start fails with its own error', async () => {
  const { start } = createSpawner([0]);
  await expect(
    supervise({ name: 'api', start, stopSignal: 'SIGTERM' }, () => undefined, waits),
  ).rejects.toThrow('the port is in use');
});

test('a supervisor that is stopped while it waits starts nothing more', async () => {
  const { start, started } = createSpawner();
  const said: string[] = [];
  const own = await supervise(
    { name: 'worker', start, stopSignal: 'SIGTERM' },
    (sentence) => said.push(sentence),
    { ...waits, firstMs: 60_000 },
  );
  await kill(started[0]);
  await waitFor(() => said.length === 1, { what: 'its death to be noticed' });
  await own.stop();
  expect(started).toHaveLength(1);
});

test('the wait doubles from one second to thirty, and starts over after a minute of health', () => {
  const waitAfter = createRestartWait({ firstMs: 1_000, longestMs: 30_000, healthyMs: 60_000 });
  expect([0, 10, 0, 0, 59_999, 0, 0].map(waitAfter)).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect([60_000, 0].map(waitAfter)).toEqual([1_000, 2_000]);
});
