/**
 * Keeps a spreadsheet from running a cell as a formula: a cell that begins with one of `= + - @`,
 * their full-width forms, a tab or a line end is written with an apostrophe before it, and read
 * without it. So that nothing is lost on the way, a cell that begins with apostrophes and then such
 * a character gets one more; every cell comes back as it was. A caller's own `'=1` is read as `=1`.
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
