/**
 * Constants in SQL as literals. A condition that is written with parameters does not match the
 * predicate of a partial index.
 */
import { sql } from 'kysely';

/** The list of `in (…)`. */
export function literals(values: readonly string[]) {
  return sql.join(values.map((value) => sql.lit(value)));
}

/**
 * A pattern of `ilike` for texts that contain `q`, whose characters have no meaning of their own.
 */
export function patternOf(q: string): string {
  return `%${q.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
