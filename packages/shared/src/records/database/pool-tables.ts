/** The tables of pools, and of what is closed and why, as Kysely sees them (`schema.ts`). */
import type { Generated } from 'kysely';
import type { StoredLimits } from '../../domain/reported-limits.ts';

export interface PoolTable {
  name: string;
  project_id: Generated<string>;
  rpm: number | null;
  ipm: number | null;
  tpm: number | null;
  interval_ms: number;
  catch_up_ms: number;
  minute_ms: number | null;
  image_ms: number | null;
  token_ms: number | null;
  next_start_at: Generated<Date>;
  next_image_at: Generated<Date>;
  next_token_at: Generated<Date>;
  recent_at: Generated<Date[]>;
  recent_images: Generated<number[]>;
  recent_tokens: Generated<number[]>;
  minute_at: Generated<Date>;
  minute_starts: Generated<number>;
  last_minute_starts: Generated<number>;
  /** What the provider's last answer said of its limits. */
  reported: Generated<StoredLimits | null>;
  blocked_until: Date | null;
  blocked_reason: string | null;
  /** The job and the words that closed the pool. */
  blocked_job: string | null;
  blocked_message: string | null;
  /** Every answer is to be reported to the guard. */
  watched: Generated<boolean>;
  pace_share: Generated<number>;
  adjusted_at: Generated<Date>;
  refusals: Generated<number>;
  paused_by: 'fault' | 'operator' | null;
  probe_ms: number | null;
  probing: Generated<boolean>;
  announced: Generated<boolean>;
  updated_at: Generated<Date>;
}

/** The columns of whatever was paused because of its refusals. */
interface PauseColumns {
  pool: string;
  reason: string;
  job_id: string | null;
  message: string | null;
  paused_until: Date;
  probe_ms: number;
  probing: Generated<boolean>;
}

export interface PausedDeploymentTable extends PauseColumns {
  name: string;
}

export interface PausedModelTable extends PauseColumns {
  deployment: string;
  model: string;
}

export interface RefusalTable {
  deployment: string;
  model: Generated<string>;
  job_id: string;
  pool: string;
  code: string;
  message: string;
  is_certain: boolean;
  refused_at: Generated<Date>;
  is_open: Generated<boolean>;
  attempt_no: number;
  alone: Generated<number>;
  strikes: Generated<number>;
  is_blamed: Generated<boolean>;
}

export interface AnswerShapeTable {
  deployment: string;
  shape: string;
  pool: string;
  job_id: string;
  seen_at: Generated<Date>;
  attempt: string;
  in_a_row: Generated<number>;
  row_since: Date | null;
}
