/**
 * The languages of the studio. A page's `texts.ts` defines its texts in both; a missing one is an
 * error of its type. `npm run check` finds texts that nothing uses and placeholders that differ.
 */
import { createI18n } from '@nanostores/i18n';
import { useStore } from '@nanostores/react';
import { atom, type ReadableAtom } from 'nanostores';
import { readStored, store } from '../app/stored.ts';

export const locales = ['en', 'ja'] as const;
export type Locale = (typeof locales)[number];

const key = 'kiln-language';

/** The language the visitor chose, else the first of the browser's that the studio has. */
export const locale = atom<Locale>(toLocale(readStored(key)) ?? browsersLocale());

export function chooseLocale(chosen: Locale): void {
  store(key, chosen);
  locale.set(chosen);
}

function toLocale(tag: string | null): Locale | null {
  const language = tag?.split('-')[0];
  return locales.find((each) => each === language) ?? null;
}

function browsersLocale(): Locale {
  for (const tag of navigator.languages) {
    const found = toLocale(tag);
    if (found !== null) return found;
  }
  return 'en';
}

locale.subscribe((chosen) => {
  document.documentElement.lang = chosen;
});
addEventListener('storage', (event) => {
  const chosen = event.key === key ? toLocale(event.newValue) : null;
  if (chosen !== null) locale.set(chosen);
});

const define = createI18n(locale, { get: async () => ({}) });
define.cache['ja'] = {};

/** Every text that is loaded, by language and part, for scripts/studio/check-texts.ts. */
export const catalogues = define.cache;

/** Forms of a text by number, as `Intl.PluralRules` names them; `many` stands in for the rest. */
interface Forms {
  one?: string;
  many: string;
}

/** The Japanese of each text: a string for a string, also with placeholders, or forms. */
type Translated<Base> = {
  [Name in keyof Base]: Base[Name] extends string ? string : string | Forms;
};

/** Texts of one page or part, by a name that no other has. */
export function defineTexts<const Base extends Parameters<typeof define>[1]>(
  name: string,
  en: Base,
  ja: NoInfer<Translated<Base>>,
) {
  (define.cache['ja'] ??= {})[name] = ja as (typeof define.cache)[Locale][string];
  return define(name, en);
}

/** The texts in the visitor's language: `const t = useTexts(createTexts)`, then `t.title`. */
export function useTexts<Texts>(texts: ReadableAtom<Texts>): Texts {
  return useStore(texts);
}

export { count, params } from '@nanostores/i18n';
