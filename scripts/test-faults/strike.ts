/**
 * Carries out one blow. What takes its time, such as a frozen worker's thaw, goes on in the
 * background; `settled` waits for it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Stage } from '../../tests/faults/rig/stage.ts';
import type { Crew } from './crew.ts';
import type { Blow } from './plan.ts';

export interface Striker {
  strike(blow: Blow): Promise<void>;
  settled(): Promise<unknown>;
}

export function createStriker(stage: Stage, crew: Crew, leaseMs: number): Striker {
  const pending: Promise<unknown>[] = [];
  let machines = 0;

  async function thaw(slot: number, leases: number): Promise<void> {
    const worker = await crew.at(slot);
    const thawed = stage.freeze(worker);
    await delay(leases * leaseMs);
    thawed();
  }

  return {
    async strike(blow) {
      switch (blow.kind) {
        case 'kill-worker':
          return crew.replace(blow.slot, blow.elsewhere ? `elsewhere-${(machines += 1)}` : null);
        case 'freeze-worker':
          return void pending.push(thaw(blow.slot, blow.leases));
        case 'kill-api': {
          crew.replaceApi();
          return;
        }
        case 'kill-postgres':
          await stage.postgres?.stop('immediate');
          return stage.postgres?.start();
        case 'kill-redis':
          await stage.redis?.kill();
          return stage.redis?.restart();
        case 'flushall':
          return stage.redis?.flushall();
        case 'cut': {
          const mended = blow.link === 'provider' ? stage.harmCalls('provider-cut') : null;
          stage.links[blow.link]?.cut('reset');
          return mended?.();
        }
        case 'provider-fault':
          return stage.control('POST', 'faults', { fault: blow.fault, times: blow.times });
      }
    },
    settled: () => Promise.all(pending.splice(0)),
  };
}
