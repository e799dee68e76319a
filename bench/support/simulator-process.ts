/**
 * Runs the simulator as a process of its own. Its ledger is the only truth about quota and payment.
 */
import { resolve } from 'node:path';
import { startNode } from '../../scripts/start/supervise.ts';

const root = resolve(import.meta.dirname, '../..');

export interface SimulatorProcess {
  url: string;
  ledger(): Promise<LedgerCall[]>;
  close(): void;
}

export interface LedgerCall {
  received_at: number;
  took_quota: boolean;
  status: number | null;
  paid: boolean;
  prompt_sha256: string;
}

export async function startSimulator(settings: {
  rpm: number;
  minuteMs: number;
  latencyMs: string;
  pictures: 'tiny' | 'full';
}): Promise<SimulatorProcess> {
  let url = '';
  const child = await startNode({
    entry: 'apps/simulator/src/main.ts',
    cwd: root,
    env: {
      ...process.env,
      SIMULATOR_PORT: '0',
      SIMULATOR_RPM: String(settings.rpm),
      SIMULATOR_MINUTE_MS: String(settings.minuteMs),
      SIMULATOR_LATENCY_MS: settings.latencyMs,
      SIMULATOR_PICTURES: settings.pictures,
      LOG_LEVEL: 'warn',
    },
    onLog: () => undefined,
    onReady: (ready) => (url = ready.url ?? ''),
  });
  return {
    url,
    async ledger() {
      return ((await (await fetch(`${url}/_control/ledger`)).json()) as { entries: LedgerCall[] })
        .entries;
    },
    close: () => child.disconnect(),
  };
}
