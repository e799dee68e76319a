/**
 * Connections on which the database's clock stands still until a test sets it. A test of the guard
 * then makes an hour of starts in a second, and asks exactly what each moment holds.
 *
 * The statements call `clock_timestamp()` without a schema, so a function of that name in a schema
 * before `pg_catalog` takes its place.
 */
import pg from 'pg';

export interface SetClock {
  pool: pg.Pool;
  /** Sets the clock of the connection, in ms since 1970. */
  set(ms: number): Promise<void>;
}

export async function openSetClock(databaseUrl: string): Promise<SetClock> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    options: '-c search_path=set_clock,pg_catalog',
  });
  // The database is dropped while the server may still be closing the last connections to it.
  pool.on('error', () => undefined);
  await pool.query(`
    create schema if not exists set_clock;
    create or replace function set_clock.clock_timestamp() returns timestamptz language sql
      volatile as $$
      select pg_catalog.to_timestamp(0) + pg_catalog.current_setting('set_clock.ms')::float8
        * interval '1 millisecond' $$`);
  return {
    pool,
    async set(ms) {
      await pool.query("select set_config('set_clock.ms', $1, false)", [String(ms)]);
    },
  };
}
