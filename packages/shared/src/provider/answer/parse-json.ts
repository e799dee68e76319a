/**
 * Parses the JSON of an answer, also when other text surrounds it or its end is missing, and cleans
 * it.
 *
 * Problem: gateways write a byte order mark, pings or another document around the JSON, connections
 * are cut behind the picture, and PostgreSQL refuses NUL and lone surrogates.
 * Approach: the first complete JSON value counts. Without a complete one, the brackets that are
 * open at the end are closed behind the last complete member.
 * Guarantee: every text of the result can be stored, and nothing is nested deeper than `maxDepth`.
 * Used by `read-answer.ts` and `read-stream.ts`.
 */

const maxDepth = 32;

/** Returns undefined when the text holds no JSON object or list. */
export function parseJson(text: string): unknown {
  const parsed = tryParse(text.replace(/^[\s\0]+/, ''));
  if (parsed !== undefined) return cleanJson(parsed);
  // A value begins a line: a brace inside of a sentence is not the answer.
  const start = /^[ \t\0\uFEFF]*[{[]/m.exec(text);
  if (start === null) return undefined;
  const value = parseFirst(text.slice(start.index + start[0].length - 1));
  return value === undefined ? undefined : cleanJson(value);
}

/** Whether the text is one complete JSON value. */
export function isJson(text: string): boolean {
  return tryParse(text) !== undefined;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // the caller tries to read a part of the text
  }
}

/** Parses the value that the text begins with, and ignores what follows it. */
function parseFirst(text: string): unknown {
  /** The closing brackets that are missing, the innermost last. */
  const open: string[] = [];
  /**
   * Where the text may be cut so that it becomes valid when the open brackets are closed. No
   * bracket follows it.
   */
  let safeEnd = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
      continue;
    }
    if (character === '"') isInString = true;
    else if (character === ',') safeEnd = at;
    else if (character === '{' || character === '[') {
      open.push(character === '{' ? '}' : ']');
      if (open.length > maxDepth) return undefined;
      safeEnd = at + 1;
    } else if (character === '}' || character === ']') {
      if (open.pop() !== character) return undefined;
      if (open.length === 0) return tryParse(text.slice(0, at + 1));
      safeEnd = at + 1;
    }
  }
  // A text at the end is complete; a number there may lack digits.
  const closing = open.toReversed().join('');
  const whole = /["}\]]\s*$/.test(text) && !isInString ? text + closing : '';
  return tryParse(whole) ?? tryParse(text.slice(0, safeEnd) + closing);
}

/** Removes NUL, replaces lone surrogates, and empties what is nested too deep. */
export function cleanJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return null;
  if (Array.isArray(value)) return value.map((each) => cleanJson(each, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [cleanText(key), cleanJson(each, depth + 1)]),
  );
}

function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
