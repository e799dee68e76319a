/** The names that pictures came under with a batch, as rows may write them. */

/** By its whole path and, where only one file has it, by its last part. */
export function indexNames(names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const whole = new Map(Object.entries(names).map(([name, id]) => [normaliseSourceName(name), id]));
  const last = Map.groupBy(whole, ([name]) => name.slice(name.lastIndexOf('/') + 1));
  const unique = [...last].flatMap(([name, [one, ...others]]) =>
    one !== undefined && others.length === 0 ? [[name, one[1]] as const] : [],
  );
  return new Map([...unique, ...whole]);
}

/** Spreadsheets and archives differ in how they write one and the same name. */
export function normaliseSourceName(name: string): string {
  return name
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.?\/)+/, '');
}
