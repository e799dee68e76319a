/**
 * Statements that every job passes through: each connection plans them once instead of once a job.
 * Only for statements that find their rows by primary key, whatever the tables hold, because the
 * first plan is kept.
 */
import type { Kysely, QueryResult, RawBuilder } from 'kysely';
import type { NamedQuery } from './postgres-dialect.ts';

/** What `execute` of Kysely's builders does, without their types. */
export interface Statement<Row> {
  // oxlint-disable-next-line no-explicit-any -- as Kysely declares it: the schema does not matter
  execute(db: Kysely<any>): Promise<QueryResult<Row>>;
}

/** @param name the name of this statement alone: its text must always be the same */
export function prepared<Row>(name: string, statement: RawBuilder<Row>): Statement<Row> {
  return {
    execute(db) {
      const query: NamedQuery<Row> = { ...statement.compile(db), name };
      return db.executeQuery(query);
    },
  };
}
