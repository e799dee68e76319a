/**
 * The balance of a drill, from two independent sources: Kiln's records and store, and the
 * provider's ledger.
 */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { actualCost } from '@kiln/shared/models/cost/actual-cost';
import { findModel } from '@kiln/shared/models/model-table';
import type { LedgerEntry } from '../../apps/simulator/src/ledger.ts';
import { findOrphans } from '../../tests/faults/rig/audit.ts';
import type { FaultEnvironment } from '../../tests/faults/rig/environment.ts';

interface Balance {
  lines: string[];
  /** A sentence for each figure on which the sources disagree. */
  problems: string[];
}

interface Attempt {
  job_id: string;
  no: number;
  status: string;
  cost_micros: number | null;
  at_risk_micros: number;
}

export async function balanceOf(environment: FaultEnvironment, accepted: number): Promise<Balance> {
  const attempts = await environment.query<Attempt>(
    'select job_id, no, status, cost_micros::float8 as cost_micros, at_risk_micros::float8 as ' +
      'at_risk_micros from kiln.attempts',
  );
  const entries = environment.ledger.entries();
  const paid = entries.filter((entry) => entry.paid);
  const inStatus = (status: string) => attempts.filter((attempt) => attempt.status === status);
  const isDelivered = ({ kiln_job_id: jobId, kiln_attempt_id: no }: LedgerEntry) =>
    inStatus('succeeded').some((attempt) => attempt.job_id === jobId && String(attempt.no) === no);
  const delivered = paid.filter(isDelivered);
  const vain = paid.filter((entry) => !isDelivered(entry));

  const [succeeded, failed] = [
    await environment.count('succeeded'),
    await environment.count('failed'),
  ];
  const images = await environment.query<{ object_key: string; sha256: string }>(
    'select object_key, sha256 from kiln.images',
  );
  const whole = (await Promise.all(images.map((image) => isWhole(environment, image)))).filter(
    Boolean,
  ).length;
  const orphans = (await findOrphans(environment)).length;
  const recordedMicros = sum(attempts.map((attempt) => attempt.cost_micros ?? 0));
  const atRiskMicros = sum(attempts.map((attempt) => attempt.at_risk_micros));
  const billedMicros = sum(delivered.map(costOf));
  const vainMicros = sum(vain.map(costOf));

  const problems: string[] = [];
  const agree = (what: string, one: number, other: number) => {
    if (one !== other) problems.push(`${what}: ${one} and ${other}`);
  };
  agree('jobs accepted, and ended', accepted, succeeded + failed);
  agree('jobs that succeeded, and images recorded', succeeded, images.length);
  agree('images recorded, and objects with their hash', images.length, whole);
  agree('objects without a record, and none', orphans, 0);
  agree('images recorded, and calls paid and delivered', images.length, delivered.length);
  agree(
    'cost of what was delivered, by the records and by the ledger',
    recordedMicros,
    billedMicros,
  );
  if (vain.length > inStatus('unknown').length)
    problems.push(
      `calls paid in vain: ${vain.length}, and ${inStatus('unknown').length} are recorded as ` +
        'unknown',
    );
  if (vainMicros > atRiskMicros)
    problems.push(
      `cost of what was paid in vain: ${usd(vainMicros)}, and ${usd(atRiskMicros)} is recorded ` +
        'as at risk',
    );

  return {
    problems,
    lines: [
      `jobs       ${accepted} accepted = ${succeeded} succeeded + ${failed} failed`,
      `attempts   ${attempts.length} = ${inStatus('succeeded').length} succeeded + ` +
        `${inStatus('unknown').length} of unknown outcome + ${inStatus('refused').length} refused`,
      `provider   ${entries.length} calls arrived; ${paid.length} paid = ${delivered.length} ` +
        `delivered + ${vain.length} in vain`,
      `images     ${images.length} recorded = ${whole} objects with their hash; ${orphans} ` +
        'objects without a record',
      `cost       ${usd(recordedMicros)} by the records = ${usd(billedMicros)} by the ` +
        "provider's ledger",
      `at risk    ${usd(atRiskMicros)} by the records ≥ ${usd(vainMicros)} that the provider ` +
        'billed in vain',
    ],
  };
}

async function isWhole(
  environment: FaultEnvironment,
  { object_key: key, sha256 }: { object_key: string; sha256: string },
) {
  const found = await environment.store.get(key);
  if (found === null) return false;
  const bytes = await buffer(found.stream);
  return createHash('sha256').update(bytes).digest('hex') === sha256;
}

/** Returns the cost in micro-dollars by the usage in the provider's ledger. */
function costOf({ usage, svg_usage: svgUsage, model }: LedgerEntry): number {
  return Math.round((actualCost(usage, findModel(model ?? ''), svgUsage) ?? 0) * 1_000_000);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function usd(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(6)}`;
}
