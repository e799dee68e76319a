/**
 * Keeps a spreadsheet from running a cell as a formula. A cell that starts with `= + - @`, a
 * full-width form of these, a tab or a line end is written with an apostrophe before it, and read
 * without it. A cell that starts with apostrophes and then such a character gets one more
 * apostrophe, so every cell that Kiln writes is read back unchanged. A caller's own `'=1` is read
 * as `=1`.
 */

const formula = /^'*[=+\-@＝＋－＠\t\r\n]/u;
const guarded = /^'+[=+\-@＝＋－＠\t\r\n]/u;
const apostrophe = 0x27;

export function guardCell(cell: string): string {
  return formula.test(cell) ? `'${cell}` : cell;
}

export function unguardCell(cell: string): string {
  return cell.charCodeAt(0) === apostrophe && guarded.test(cell) ? cell.slice(1) : cell;
}
