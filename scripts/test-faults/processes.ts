/**
 * The workers of a long run, one in each slot, and the API: whoever is killed is started again, as
 * a supervisor does, until it runs.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KilnProcess } from '../../tests/faults/rig/kiln-process.ts';
import type { FaultEnvironment } from '../../tests/faults/rig/environment.ts';

export interface Processes {
  /** The worker of a slot, when it runs. */
  at(slot: number): Promise<KilnProcess>;
  /** Kills it; the next one starts on the machine, in the background. */
  replace(slot: number, machine: string | null): Promise<void>;
  replaceApi(): void;
  /** Resolves when everybody runs. */
  settled(): Promise<unknown>;
}

export function createProcesses(environment: FaultEnvironment, slots: number): Processes {
  // Two on one machine, the others on machines of their own.
  const machines = Array.from({ length: slots }, (_, slot) => `machine-${Math.max(1, slot)}`);
  const workers = machines.map((machine) => untilItRuns(() => environment.startWorker(machine)));
  let api: Promise<unknown> = Promise.resolve();
  return {
    at: (slot) => workers[slot] as Promise<KilnProcess>,
    async replace(slot, machine) {
      await environment.kill(await (workers[slot] as Promise<KilnProcess>));
      machines[slot] = machine ?? machines[slot] ?? '';
      workers[slot] = untilItRuns(() => environment.startWorker(machines[slot]));
    },
    replaceApi() {
      api = api.then(() => untilItRuns(() => environment.restartApi()));
    },
    settled: () => Promise.all([...workers, api]),
  };
}

/** A process does not start while its engines are away. */
async function untilItRuns<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (tries > 100) throw error;
      await delay(200);
    }
  }
}
