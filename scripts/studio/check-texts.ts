/**
 * `node scripts/studio/check-texts.ts`, part of `npm run check`: finds texts of the studio that
 * nothing uses, and texts whose placeholders differ between the languages. A missing text is an
 * error of its type. Using a text means reading a property of its name in a file that is not a
 * `texts.ts`.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Texts by language, part of the studio, and name; a text with forms by number is an object. */
export type Catalogues = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
>;

/** A sentence for each text that is wrong. `sources` are the files that use texts. */
export function findTextProblems(catalogues: Catalogues, sources: readonly string[]): string[] {
  const { en = {}, ...others } = catalogues;
  return Object.entries(en).flatMap(([part, texts]) =>
    Object.entries(texts).flatMap(([name, text]) => [
      ...(sources.some((source) => isUsed(name, source))
        ? []
        : [`nothing uses the text ${name} of ${part}`]),
      ...Object.entries(others).flatMap(([language, translated]) => {
        const wanted = placeholdersOf(text);
        const found = placeholdersOf(translated[part]?.[name]);
        return wanted === found
          ? []
          : [`${part}.${name}: the placeholders are ${wanted} in en, ${found} in ${language}`];
      }),
    ]),
  );
}

/** Read as a property, or chosen by its name: `t.title`, `t[name]` where `'title'` is a name. */
function isUsed(name: string, source: string): boolean {
  return new RegExp(`\\.${name}\\b|['"\`]${name}['"\`]|\\b${name}[,:} ]+.*= useTexts`).test(source);
}

/** The forms of a text by number share one set of placeholders; a form may leave some out. */
function placeholdersOf(text: unknown): string {
  return [...new Set(JSON.stringify(text ?? '').match(/\{\w+\}/g))].sort().join(' ') || 'none';
}

/** The catalogues expect a browser; what they ask of it when they are loaded is little. */
async function loadCatalogues(root: string): Promise<Catalogues> {
  const stub = { documentElement: { lang: '', dataset: {} } };
  Object.assign(globalThis, { document: stub, addEventListener: () => undefined });
  const load = async (path: string): Promise<unknown> =>
    import(pathToFileURL(join(root, path)).href);
  for (const path of globSync('apps/web/src/**/texts.ts', { cwd: root })) await load(path);
  return ((await load('apps/web/src/texts/i18n.ts')) as { catalogues: Catalogues }).catalogues;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..', '..');
  const sources = globSync('apps/web/src/**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !path.endsWith('texts.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'));
  const problems = findTextProblems(await loadCatalogues(root), sources);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exit(1);
  }
}
