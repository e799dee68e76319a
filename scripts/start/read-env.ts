/**
 * Reads `.env` strictly: a line that is neither a comment nor NAME=value is a mistake, reported
 * with its number.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/**
 * Accepts spaces around `=`, three kinds of quotes and quoted values over several lines. Throws one
 * sentence.
 */
export function readEnvFile(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  findBrokenLine(text, path);
  return Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function findBrokenLine(text: string, path: string): void {
  let openQuote: string | null = null;
  let openedOn = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (openQuote !== null) {
      if (line.includes(openQuote)) openQuote = null;
      continue;
    }
    if (/^\s*(#.*)?$/.test(line)) continue;
    const match = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=\s*(.*)$/.exec(line);
    if (match === null)
      throw new Error(`${path}, line ${index + 1}: this is not NAME=value; comments start with #`);
    const [, value = ''] = match;
    const quote = /^["'`]/.exec(value)?.[0];
    if (quote === undefined || value.slice(1).includes(quote)) continue;
    openQuote = quote;
    openedOn = index + 1;
  }
  if (openQuote !== null)
    throw new Error(`${path}, line ${openedOn}: a value opens with ${openQuote} and never closes`);
}
