/**
 * The workers of a long run, one in each slot, and the API. A killed process is started again until
 * it runs, as a supervisor does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KilnProcess } from '../../tests/faults/rig/kiln-process.ts';
import type { FaultEnvironment } from '../../tests/faults/rig/environment.ts';

export interface Processes {
  /** Resolves with the worker of a slot when it runs. */
  at(slot: number): Promise<KilnProcess>;
  /**
   * Kills the worker of a slot and starts the next one in the background; null: on the same
   * machine.
   */
  replace(slot: number, machine: string | null): Promise<void>;
  replaceApi(): void;
  /** Resolves when all processes run. */
  settled(): Promise<unknown>;
}

export function createProcesses(environment: FaultEnvironment, slots: number): Processes {
  // Two workers share a machine; the others have machines of their own.
  const machines = Array.from({ length: slots }, (_, slot) => `machine-${Math.max(1, slot)}`);
  const workers = machines.map((machine) =>
    startUntilRunning(() => environment.startWorker(machine)),
  );
  let api: Promise<unknown> = Promise.resolve();
  return {
    at: (slot) => workers[slot] as Promise<KilnProcess>,
    async replace(slot, machine) {
      await environment.kill(await (workers[slot] as Promise<KilnProcess>));
      machines[slot] = machine ?? machines[slot] ?? '';
      workers[slot] = startUntilRunning(() => environment.startWorker(machines[slot]));
    },
    replaceApi() {
      api = api.then(() => startUntilRunning(() => environment.restartApi()));
    },
    settled: () => Promise.all([...workers, api]),
  };
}

/** Starts again and again, because a process does not start while its engines are away. */
async function startUntilRunning<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (tries > 100) throw error;
      await delay(200);
    }
  }
}
