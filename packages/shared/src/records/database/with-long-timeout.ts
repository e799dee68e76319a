/**
 * Runs one transaction whose statements may take a day each, for work that a process does on all
 * records when it starts. The usual time limits of the pool do not apply to it.
 */
import type { Pool, QueryConfig, QueryResultRow } from 'pg';

const timeoutMs = 24 * 3_600_000;

export type Run = <Row extends QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;

export async function withLongTimeout<T>(pool: Pool, work: (run: Run) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const run: Run = async <Row extends QueryResultRow>(text: string, values?: unknown[]) =>
    (await client.query<Row>({ text, values, query_timeout: timeoutMs } as QueryConfig)).rows;
  try {
    await run('begin');
    await run(`set local statement_timeout = ${timeoutMs}`);
    const result = await work(run);
    await run('commit');
    return result;
  } catch (error) {
    // The connection itself may have failed; the first error says more.
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
