/**
 * Runs the simulator as a process of its own. Its ledger is the only truth about quota and payment.
 */
import { resolve } from 'node:path';
import { startNode } from '../../scripts/start/supervise.ts';

const root = resolve(import.meta.dirname, '../..');

export interface SimulatorProcess {
  url: string;
  pid: number | undefined;
  ledger(): Promise<LedgerCall[]>;
  /**
   * Makes the quota check the slices of 1 s and of 10 s as well, and forgive no early start.
   * @param slices into how many parts each check divides the minute
   */
  beStrict(slices?: readonly number[]): Promise<void>;
  close(): void;
}

export interface LedgerCall {
  received_at: number;
  took_quota: boolean;
  status: number | null;
  paid: boolean;
  prompt_sha256: string;
  kiln_job_id: string | null;
  /** Images that were asked for, and what the call was billed for. */
  n: number | null;
  usage: { total_tokens: number } | null;
}

export async function startSimulator(settings: {
  rpm: number;
  ipm?: number;
  tpm?: number;
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
      SIMULATOR_IPM: String(settings.ipm ?? 0),
      SIMULATOR_TPM: String(settings.tpm ?? 0),
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
    pid: child.pid,
    async ledger() {
      return ((await (await fetch(`${url}/_control/ledger`)).json()) as { entries: LedgerCall[] })
        .entries;
    },
    async beStrict(slices = [1, 6, 60]) {
      const response = await fetch(`${url}/_control/settings`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ quota_slices: slices, quota_tolerance_ms: 0 }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    close: () => child.disconnect(),
  };
}
