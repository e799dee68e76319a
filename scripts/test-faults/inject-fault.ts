/**
 * Carries out planned faults. A fault that lasts, such as a frozen worker, ends in the background;
 * `settled` waits for it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultEnvironment } from '../../tests/faults/rig/environment.ts';
import type { Processes } from './processes.ts';
import type { Fault } from './plan.ts';

export interface FaultInjector {
  inject(fault: Fault): Promise<void>;
  settled(): Promise<unknown>;
}

export function createFaultInjector(
  environment: FaultEnvironment,
  processes: Processes,
  leaseMs: number,
): FaultInjector {
  const pending: Promise<unknown>[] = [];
  let machines = 0;

  async function thaw(slot: number, leases: number): Promise<void> {
    const worker = await processes.at(slot);
    const thawed = environment.freeze(worker);
    await delay(leases * leaseMs);
    thawed();
  }

  return {
    async inject(fault) {
      switch (fault.kind) {
        case 'kill-worker':
          return processes.replace(
            fault.slot,
            fault.elsewhere ? `elsewhere-${(machines += 1)}` : null,
          );
        case 'freeze-worker':
          return void pending.push(thaw(fault.slot, fault.leases));
        case 'kill-api': {
          processes.replaceApi();
          return;
        }
        case 'kill-postgres':
          await environment.postgres?.stop('immediate');
          return environment.postgres?.start();
        case 'kill-redis':
          await environment.redis?.kill();
          return environment.redis?.restart();
        case 'flushall':
          return environment.redis?.flushall();
        case 'cut': {
          const mended =
            fault.link === 'provider' ? environment.recordHarmedCalls('provider-cut') : null;
          environment.links[fault.link]?.cut('reset');
          return mended?.();
        }
        case 'provider-fault':
          return environment.control('POST', 'faults', { fault: fault.fault, times: fault.times });
      }
    },
    settled: () => Promise.all(pending.splice(0)),
  };
}
