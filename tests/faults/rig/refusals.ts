/**
 * The kinds of refusals that the tests of this folder stage, and what all of these tests ask of a
 * Kiln. The usual run takes one kind of each way of refusing, the whole matrix takes all of them.
 */
import type { PoolView } from '@kiln/shared/schemas/pool';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import { casesOf } from '../../support/engines/engine-matrix.ts';
import { enginesOf } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';

export const minuteMs = 6_000;
export const rpm = 200;

/** The code of the bad job, and the most calls that are made for it. */
type Kind = [fault: string, code: string, calls: number];

/** The refusal is the job's by its words: one call, also when all jobs are refused so. */
export const ofJob = casesOf<Kind>(
  [
    ['content safety of a gateway', 'content_policy', 1],
    ['policy behind a 500', 'content_policy', 1],
    ['error text in an answer 200', 'provider_rejected_parameters', 1],
  ],
  [
    ['filter with status 403', 'content_policy', 1],
    ['usage guidelines', 'content_policy', 1],
    ['policy in an answer 200', 'content_policy', 1],
    ['filter in innererror', 'content_policy', 1],
    ['parameter in a FastAPI detail', 'provider_rejected_parameters', 1],
  ],
);

/** The refusal names nothing: an answer to another job shows whose it was. */
export const unclear = casesOf<Kind>(
  [
    ['page of a firewall', 'provider_refused', 1],
    ['method not allowed', 'provider_refused', 1],
    ['model unknown', 'provider_refused', 1],
  ],
  [
    ['firewall, not acceptable', 'provider_refused', 1],
    ['gone', 'provider_refused', 1],
    ['media type refused', 'provider_refused', 1],
    ['legal reasons', 'provider_refused', 1],
    ['operation not supported', 'provider_refused', 1],
    ['organisation not verified', 'provider_refused', 1],
  ],
);

/** The refusal names the key, the budget or the deployment: three of them blame the job. */
export const certain = casesOf<Kind>(
  [
    ['wrong key', 'provider_refused', 3],
    ['payment required', 'provider_refused', 3],
  ],
  [
    ['deployment missing', 'provider_refused', 3],
    ['resource blocked, not the prompt', 'provider_refused', 3],
    ['openai quota used up', 'provider_refused', 3],
    ['openai billing limit', 'provider_refused', 3],
  ],
);

export function faultsOf(kinds: readonly Kind[]): string[] {
  return kinds.map(([fault]) => fault);
}

/** Starts a Kiln on the engine of the test file. */
export function startFor(file: string, settings = { minuteMs, rpm }): Promise<TestKiln> {
  const env = { KILN_MINUTE_MS: String(settings.minuteMs), KILN_RPM: String(settings.rpm) };
  return startKiln({ engine: enginesOf(file)[0]!, env });
}

export async function callsOf(kiln: TestKiln, ids: readonly string[]): Promise<LedgerEntry[]> {
  const { entries } = await kiln.control<{ entries: LedgerEntry[] }>('GET', 'ledger');
  return entries.filter(({ kiln_job_id: id }) => id !== null && ids.includes(id));
}

export async function readPool(kiln: TestKiln): Promise<PoolView> {
  const { data } = (await (await kiln.request('/v1/pools')).json()) as { data: PoolView[] };
  return data[0]!;
}

export function submitAll(kiln: TestKiln, count: number, body: Record<string, unknown> = {}) {
  return Promise.all(Array.from({ length: count }, () => kiln.submit(body)));
}
