/**
 * Measures how full Kiln keeps a quota of requests, images and tokens at once, in real time. The
 * provider is a simulator that referees all three strictly: no minute, wherever it begins, may hold
 * more than any of them allows, and no call may be early.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { nothingLearnt } from '@kiln/shared/models/cost/learnt-tokens';
import { createJobIntake } from '@kiln/shared/records/jobs/job-intake';
import { buildJob } from '@kiln/shared/services/jobs/new-job';
import { openBenchDeps } from './bench-deps.ts';
import { openBenchEngine, type engineNames } from './engines.ts';
import { startWorker } from './kiln-processes.ts';
import { startSimulator, type LedgerCall } from './simulator-process.ts';

const minuteMs = 60_000;

export interface MetersRun {
  engine: (typeof engineNames)[number];
  quota: { rpm: number; ipm: number; tpm: number };
  answerMs: number;
  seconds: number;
}

type Weights = Record<'requests' | 'images' | 'tokens', number>;

export async function measureMeters({ engine: engineName, quota, answerMs, seconds }: MetersRun) {
  const simulator = await startSimulator({
    ...quota,
    minuteMs,
    latencyMs: String(answerMs),
    pictures: 'tiny',
  });
  const engine = await openBenchEngine(engineName);
  try {
    await simulator.beStrict([1]);
    const env = {
      ...engine.env,
      KILN_SIMULATOR_URL: simulator.url,
      KILN_RPM: String(quota.rpm),
      KILN_IPM: String(quota.ipm),
      KILN_TPM: String(quota.tpm),
    };
    await fill(env, Math.ceil((quota.rpm * seconds) / 60) + quota.rpm);
    const worker = await startWorker(env);
    await delay(seconds * 1_000);
    await worker.stop(); // waits for the calls under way
    return summarise(await simulator.ledger(), quota);
  } finally {
    simulator.close();
    await engine.close();
  }
}

/** Jobs of one to four images, in an order without a pattern that a minute could fit. */
async function fill(env: Record<string, string>, count: number): Promise<void> {
  const deps = await openBenchDeps(env);
  const intake = createJobIntake(deps.records.db, deps.routes);
  const caller = { projectId: 'default', requestId: 'bench', baseUrl: '' };
  try {
    await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const n = 1 + ((index * 7_919 + Math.floor(index / 4) * 3) % 4);
        const request = {
          prompt: `kiln ${index}`,
          size: '1024x1024',
          quality: 'medium',
          n,
        } as const;
        return intake.create(buildJob(deps, caller, request, { learnt: nothingLearnt }), null);
      }),
    );
  } finally {
    await deps.close();
  }
}

function summarise(calls: readonly LedgerCall[], quota: MetersRun['quota']) {
  const starts = calls
    .filter((call) => call.took_quota)
    .toSorted((one, other) => one.received_at - other.received_at);
  const weigh = ({ n, usage }: LedgerCall): Weights => ({
    requests: 1,
    images: n ?? 1,
    tokens: usage?.total_tokens ?? 0,
  });
  const limits: Weights = { requests: quota.rpm, images: quota.ipm, tokens: quota.tpm };
  const minutes = ((starts.at(-1)?.received_at ?? 0) - (starts[0]?.received_at ?? 0)) / minuteMs;
  const meters = (['requests', 'images', 'tokens'] as const).map((meter) => {
    // The last start's weight falls into the time after it.
    const sum = starts.slice(0, -1).reduce((total, call) => total + weigh(call)[meter], 0);
    const worst = Math.max(
      ...starts.map(({ received_at: from }) =>
        starts
          .filter(({ received_at: at }) => at >= from && at < from + minuteMs)
          .reduce((total, call) => total + weigh(call)[meter], 0),
      ),
    );
    return { meter, share: sum / (limits[meter] * minutes), worst };
  });
  const tightest = meters.toSorted((one, other) => other.share - one.share)[0];
  return {
    starts: starts.length,
    '429s': calls.filter((call) => call.status === 429).length,
    tightest: tightest?.meter,
    utilisation: Number(tightest?.share.toFixed(4)),
    ...Object.fromEntries(
      meters.map(({ meter, worst }) => [`worst minute, ${meter}`, `${worst} of ${limits[meter]}`]),
    ),
  };
}
