/**
 * Reads the message of an error that is a text: plain text as it is, an HTML page of a gateway or
 * firewall without its markup.
 */

/** The words of an error page are at its beginning; a page may have megabytes of styles. */
const readCharacters = 20_000;

export function readText(text: string): string {
  const beginning = text.slice(0, readCharacters);
  if (!/<(?:!doctype|html|head|body|title|h1|p|center)\b/i.test(beginning)) return text;
  return beginning
    .replaceAll(/<!--.*?(?:-->|$)/gs, ' ')
    .replaceAll(/<(style|script)\b.*?(?:<\/\1\s*>|$)/gis, ' ')
    .replaceAll(/<[^>]*(?:>|$)/g, ' ')
    .replaceAll(/&(nbsp|amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
