/**
 * The columns of a job that sum up its attempts. They are counted from the ledger each time,
 * because a worker that had lost the job may have settled an earlier attempt meanwhile.
 */
import { sql, type RawBuilder } from 'kysely';

/**
 * Sets the columns of `jobs`. An open attempt counts as made, and its estimated cost as at risk.
 * @param own the attempt that the same statement settles: its new row is not visible to the
 * statement, so its values are arguments
 */
export function sumsOfLedger(own: {
  no: RawBuilder<unknown>;
  isMade: RawBuilder<unknown>;
  costMicros: RawBuilder<unknown>;
  atRiskMicros: RawBuilder<unknown>;
}): RawBuilder<unknown> {
  return sql`(attempts_made, cost_actual_micros, cost_at_risk_micros) = (
    select count(*) filter (where case when a.no = ${own.no} then ${own.isMade}
      else a.status <> 'refused' end),
      sum(case when a.no = ${own.no} then ${own.costMicros} else a.cost_micros end),
      coalesce(sum(case when a.no = ${own.no} then ${own.atRiskMicros}
        when a.status = 'in_flight' then coalesce(jobs.cost_estimated_micros, 0)
          else a.at_risk_micros end), 0)
    from kiln.attempts a where a.job_id = jobs.id)`;
}

/** Sets the same columns when the statement settles no attempt, or only makes open ones unknown. */
export const sumsOfAllAttempts = sumsOfLedger({
  no: sql`null`,
  isMade: sql`null`,
  costMicros: sql`null::bigint`,
  atRiskMicros: sql`null::bigint`,
});
