/**
 * The means of what providers billed (`models/cost/learnt-tokens.ts`): reads all of them, and adds
 * the samples of calls that were answered.
 */
import { sql } from 'kysely';
import {
  toLearntText,
  type Learnt,
  type LearningProvider,
  type LearntKey,
} from '../../models/cost/learnt-tokens.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

/**
 * The number of calls in a mean. After this many calls, a provider's new way of counting has
 * replaced the old one.
 */
const memory = 250;

/** The most means that are read. There are few: one for each combination that was really used. */
const mostMeans = 5_000;

/** What one call was billed, divided by its images or by what was expected. */
export interface Sample {
  key: LearntKey;
  value: number;
}

export async function readMeans(db: Database): Promise<ReadonlyMap<string, Learnt>> {
  const rows = await db
    .selectFrom('kiln.learnt_tokens')
    .select(['provider', 'model', 'meter', 'variant', 'mean', 'calls'])
    .orderBy('calls', 'desc')
    .limit(mostMeans)
    .execute();
  return new Map(
    rows.map(({ mean, calls, ...key }) => [
      toLearntText({ ...key, provider: key.provider as LearningProvider }),
      { mean, calls },
    ]),
  );
}

/** Samples of the same key become one row, because a statement may change a row only once. */
export async function addSamples(db: Database, samples: readonly Sample[]): Promise<void> {
  const sums = new Map<string, { key: LearntKey; sum: number; calls: number }>();
  for (const { key, value } of samples) {
    const text = toLearntText(key);
    const known = sums.get(text) ?? { key, sum: 0, calls: 0 };
    sums.set(text, { key, sum: known.sum + value, calls: known.calls + 1 });
  }
  // Sort the rows, so that two workers that write the same ones never wait for each other.
  const rows = [...sums.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { key, sum, calls }]) => ({
      ...key,
      mean: sum / calls,
      calls: Math.min(calls, memory),
    }));
  await sql`
    insert into kiln.learnt_tokens as known (provider, model, meter, variant, mean, calls)
    select provider, model, meter, variant, mean, calls
    from jsonb_to_recordset(${toStorableJson(rows)}::jsonb) as new (provider text, model text,
      meter text, variant text, mean float8, calls int)
    on conflict (provider, model, meter, variant) do update set
      mean = known.mean + (excluded.mean - known.mean) * excluded.calls /
        least(known.calls + excluded.calls, ${memory}::int),
      calls = least(known.calls + excluded.calls, ${memory}::int)`.execute(db);
}
