/**
 * Migrations: the numbered `.sql` files beside this one, each applied once, in order, in one
 * transaction.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { withLongTimeout } from './with-long-timeout.ts';

const folder = new URL('../migrations/', import.meta.url);

/**
 * One key for every Kiln on a server; `pg_advisory_xact_lock` is released with the transaction,
 * however it ends.
 */
const lockKey = 0x6b696c6e; // "kiln"

/**
 * Brings the schema `kiln` up to date and returns the names of what was applied. Safe while several
 * processes start at once: they queue behind an advisory lock and the later ones find nothing to
 * do.
 */
export async function migrate(pool: Pool): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return withLongTimeout(pool, async (run) => {
    await run('select pg_advisory_xact_lock($1)', [lockKey]);
    await run('create schema if not exists kiln');
    await run(
      'create table if not exists kiln.migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const applied = new Set(
      (await run<{ name: string }>('select name from kiln.migrations')).map((row) => row.name),
    );
    const missing = names.filter((name) => !applied.has(name));
    for (const name of missing) {
      await run(await readFile(new URL(name, folder), 'utf8'));
      await run('insert into kiln.migrations (name) values ($1)', [name]);
    }
    return missing;
  });
}
