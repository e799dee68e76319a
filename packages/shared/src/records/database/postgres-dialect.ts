/**
 * Kysely's PostgreSQL dialect with connections of our own, for three things that its own ones
 * cannot do: they pass no statement name to `pg`, they return every connection to the pool, also
 * one whose statement was never answered, and they send texts that no server stores.
 */
import {
  CompiledQuery,
  PostgresDialect,
  PostgresDriver,
  type DatabaseConnection,
  type QueryResult,
} from 'kysely';
import pg from 'pg';
import { toStorable } from '../../schemas/text.ts';
import { isReadOnly } from './availability.ts';

/** A statement that each connection plans once, under its name (`prepared.ts`). */
export interface NamedQuery<Row = unknown> extends CompiledQuery<Row> {
  name: string;
}

export function createPostgresDialect(pool: pg.Pool): PostgresDialect {
  const dialect = new PostgresDialect({ pool });
  dialect.createDriver = () => new Driver(pool);
  return dialect;
}

class Driver extends PostgresDriver {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    super({ pool });
    this.#pool = pool;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return new Connection(await this.#pool.connect());
  }

  /**
   * Does not throw: the error that ended the transaction says more. Closing the connection rolls
   * back, too, and Kysely's own driver can discard only its own connections.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as Connection).rollBack();
  }

  override async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as Connection).release();
  }
}

/** `pg` itself replaces halves of surrogate pairs, because they have no UTF-8. */
function toStorableParameter(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toStorableParameter);
  return typeof value === 'string' && value.includes('\0') ? toStorable(value) : value;
}

const changesRows: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

class Connection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  #isBroken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async executeQuery<Row>(query: CompiledQuery | NamedQuery): Promise<QueryResult<Row>> {
    const config = { text: query.sql, values: query.parameters.map(toStorableParameter) };
    try {
      const result = await this.#client.query(
        'name' in query ? { ...config, name: query.name } : config,
      );
      const { command, rowCount, rows } = result as pg.QueryResult<Row & pg.QueryResultRow>;
      // Kysely's driver reads the command to learn whether a commit became a rollback.
      if (command === 'COMMIT' || command === 'ROLLBACK') return { rows: [{ command }] as Row[] };
      return changesRows.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0), rows } : { rows };
    } catch (error) {
      // Only an error that the server sent proves that the connection still works. After any other
      // error the statement may still be unanswered, and the next user of the connection would wait
      // behind it.
      this.#isBroken ||= !(error instanceof pg.DatabaseError) || isReadOnly(error);
      throw error;
    }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('statements are not streamed: read pages instead');
  }

  async rollBack(): Promise<void> {
    if (this.#isBroken) return;
    try {
      await this.executeQuery(CompiledQuery.raw('rollback'));
    } catch {
      this.#isBroken = true;
    }
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }
}
