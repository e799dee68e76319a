/** Migrations: the numbered `.sql` files beside this one, each applied once, in order, in one transaction. */
import { readdir, readFile } from 'node:fs/promises';
import type { Pool } from 'pg';

const folder = new URL('./migrations/', import.meta.url);

/** One key for every Kiln on a server; `pg_advisory_xact_lock` is released with the transaction, however it ends. */
const lockKey = 0x6b696c6e; // "kiln"

/**
 * Brings the schema `kiln` up to date and returns the names of what was applied. Safe while several processes start at once: they
 * queue behind an advisory lock and the later ones find nothing to do.
 */
export async function migrate(pool: Pool): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [lockKey]);
    await client.query('create schema if not exists kiln');
    await client.query(
      'create table if not exists kiln.migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const applied = new Set(
      (await client.query<{ name: string }>('select name from kiln.migrations')).rows.map((row) => row.name),
    );
    const missing = names.filter((name) => !applied.has(name));
    for (const name of missing) {
      await client.query(await readFile(new URL(name, folder), 'utf8'));
      await client.query('insert into kiln.migrations (name) values ($1)', [name]);
    }
    await client.query('commit');
    return missing;
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the connection itself may be what failed; the first error says more
    throw error;
  } finally {
    client.release();
  }
}
