/**
 * Statements that every job passes through are planned once a connection instead of once a job.
 * Only for those that find their rows by primary key, whatever the tables hold: their plan is kept.
 */
import { sql, type RawBuilder } from 'kysely';
import type { PoolClient } from 'pg';

/** @param name of this statement alone: its text must always be the same */
export function prepared<Row>(name: string, statement: RawBuilder<Row>): RawBuilder<Row> {
  return sql<Row>`/* prepared ${sql.raw(name)} */ ${statement}`;
}

/**
 * Kysely hands on text only, so a statement says in its text that it is prepared, and by which
 * name.
 */
export function prepareByName(client: PoolClient): void {
  const query = client.query.bind(client) as (config: unknown, ...rest: unknown[]) => unknown;
  const named = (config: unknown, ...rest: unknown[]): unknown => {
    const name =
      typeof config === 'string' ? /^\/\* prepared (\S+) \*\//.exec(config)?.[1] : undefined;
    return name === undefined ? query(config, ...rest) : query({ name, text: config }, ...rest);
  };
  client.query = named as typeof client.query;
}
