/** How rows may write the names of pictures that came with the batch. */
import { normaliseText } from '../../../domain/text/normalise-text.ts';

/** File ids by whole path and, if only one file has it, by the last part of the path. */
export function indexNames(names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const whole = new Map(Object.entries(names).map(([name, id]) => [normaliseSourceName(name), id]));
  const last = Map.groupBy(whole, ([name]) => name.slice(name.lastIndexOf('/') + 1));
  const unique = [...last].flatMap(([name, [one, ...others]]) =>
    one !== undefined && others.every(([, id]) => id === one[1]) ? [[name, one[1]] as const] : [],
  );
  return new Map([...unique, ...whole]);
}

/** Spreadsheets and archives write the same name in different ways. */
export function normaliseSourceName(name: string): string {
  return normaliseText(name, 'NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.?\/)+/, '');
}
