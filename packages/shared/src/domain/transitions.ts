/**
 * Lookups in a table of transitions: for each status, the statuses that a statement may set next.
 * The statements of `records/` take their conditions from the tables, and a test compares the
 * tables with what the statements do. A status that lists itself may be set again.
 */
export type Transitions<Status extends string> = Readonly<Record<Status, readonly Status[]>>;

/** The statuses that `To` may follow, by a table that is declared `as const`. */
export type StatusBefore<Table extends Transitions<string>, To extends string> = {
  [From in keyof Table]: To extends Table[From][number] ? From : never;
}[keyof Table];

/** The statuses that `to` may follow. */
export function statusesBefore<Status extends string>(
  table: Transitions<Status>,
  to: Status,
): Status[] {
  return (Object.keys(table) as Status[]).filter((from) => table[from].includes(to));
}
