/**
 * Migrations: the numbered `.sql` files in `migrations/`, each applied once, in order, all of them
 * in one transaction. A file that was released is never edited; a change of the schema is a new
 * file.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { withLongTimeout, type Run } from './with-long-timeout.ts';

const folder = new URL('../migrations/', import.meta.url);
const baseline = '0001-baseline.sql';

/**
 * One key for every Kiln on a server; `pg_advisory_xact_lock` is released with the transaction,
 * however it ends.
 */
const lockKey = 0x6b696c6e; // "kiln"

/**
 * Brings the schema `kiln` up to date and returns the names of the migrations that it applied.
 * Several processes may start at once: they wait for an advisory lock, and the later ones find
 * nothing to do. Throws for a database of an unreleased version, which had other migrations.
 */
export async function migrate(pool: Pool): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return withLongTimeout(pool, async (run) => {
    await run('select pg_advisory_xact_lock($1)', [lockKey]);
    await run('create schema if not exists kiln');
    await run(
      'create table if not exists kiln.migrations (name text primary key, applied_at ' +
        'timestamptz not null default now())',
    );
    const applied = new Set(
      (await run<{ name: string }>('select name from kiln.migrations')).map((row) => row.name),
    );
    if (applied.size > 0 && !applied.has(baseline)) throw new Error(unreleasedDatabase);
    const missing = names.filter((name) => !applied.has(name));
    if (missing.includes(baseline)) await refuseHiddenExtension(run);
    for (const name of missing) {
      await run(await readFile(new URL(name, folder), 'utf8'));
      await run('insert into kiln.migrations (name) values ($1)', [name]);
    }
    return missing;
  });
}

/**
 * The baseline makes an index with `pg_trgm` wherever a database has the extension. It would fail
 * with PostgreSQL's words alone where Kiln's role may not use the extension's schema.
 */
async function refuseHiddenExtension(run: Run): Promise<void> {
  const [hidden] = await run<{ schema: string; role: string }>(`
    select nspname as schema, current_user as role
      from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
      where extname = 'pg_trgm' and not has_schema_privilege(nspname, 'usage')`);
  if (hidden === undefined) return;
  throw new Error(
    `the extension pg_trgm is in the schema "${hidden.schema}" of the database at DATABASE_URL, ` +
      `which the role "${hidden.role}" may not use: ` +
      `grant usage on schema "${hidden.schema}" to "${hidden.role}", and start again`,
  );
}

const unreleasedDatabase =
  'the database at DATABASE_URL was created by an unreleased version of Kiln, ' +
  'and no upgrade leads from it to this version: ' +
  'point DATABASE_URL at an empty database, or drop the schema "kiln" with everything in it';
