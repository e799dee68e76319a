/** The simulator's whole state: its settings and what has happened so far. */
import type { Arrivals } from './arrivals.ts';
import { createFaultPlan, type FaultPlan } from './faults/plan.ts';
import { createGate, type Gate } from './gate.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { createMeters, type MeterLimits, type Meters } from './meters.ts';
import { createServedPictures, type ServedPictures } from './pictures/served-pictures.ts';
import { createPictureSource, type PictureSource } from './pictures/source.ts';
import { createQuota, type Quota, type QuotaLimits } from './quota.ts';
import type { Settings } from './settings.ts';

export interface Simulator {
  /** Replaced as a whole when a setting changes. */
  settings: Settings;
  /** The settings that `POST /_control/reset` restores. */
  readonly initialSettings: Settings;
  /** Numbers the calls that passed the quota; latency and chance are drawn from this number. */
  ordinal: number;
  readonly arrivals: Arrivals;
  readonly quota: Quota;
  readonly meters: Meters;
  readonly plan: FaultPlan;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly pictures: PictureSource;
  readonly served: ServedPictures;
  /** Aborts when the simulator closes. */
  readonly closing: AbortSignal;
}

export async function openSimulator(
  settings: Settings,
  parts: Pick<Simulator, 'arrivals' | 'closing'> & { ledgerPath: string | null },
): Promise<Simulator> {
  return {
    settings,
    initialSettings: settings,
    ordinal: 0,
    arrivals: parts.arrivals,
    quota: createQuota(),
    meters: createMeters(),
    plan: createFaultPlan(),
    gate: createGate(),
    ledger: await openLedger(parts.ledgerPath),
    pictures: createPictureSource(),
    served: createServedPictures(),
    closing: parts.closing,
  };
}

/** Restores the initial settings and an empty ledger; calls under way continue. */
export async function resetSimulator(simulator: Simulator): Promise<void> {
  simulator.settings = simulator.initialSettings;
  simulator.ordinal = 0;
  simulator.quota.clear();
  simulator.meters.clear();
  simulator.plan.clear();
  simulator.gate.release();
  simulator.served.clear();
  await simulator.ledger.clear();
}

export function readMeterLimits(settings: Settings): MeterLimits {
  const { ipm, tpm, minuteMs, quotaToleranceMs } = settings;
  return { ipm, tpm, minuteMs, toleranceMs: quotaToleranceMs };
}

export function readQuotaLimits(settings: Settings): QuotaLimits {
  const { rpm, minuteMs, quotaToleranceMs, quotaSlices } = settings;
  return { rpm, minuteMs, toleranceMs: quotaToleranceMs, slices: quotaSlices };
}
