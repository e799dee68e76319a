/**
 * Finds the position at which a text stops being JSON; `JSON.parse` names it for some mistakes
 * only. Call it for text that `JSON.parse` refused.
 */

/**
 * Returns the position in UTF-16 units from 0, or the length of the text when something is missing
 * at its end.
 */
export function findJsonError(text: string): number {
  const closers: string[] = [];
  let expected: 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end' = 'value';
  let position = 0;
  for (;;) {
    position = skipSpace(text, position);
    const character = text[position];
    if (character === undefined) return text.length;
    if (expected === 'colon') {
      if (character !== ':') return position;
      expected = 'value';
      position += 1;
    } else if (expected === 'comma or end') {
      const closer = closers.at(-1);
      if (character === closer) closers.pop();
      else if (character === ',' && closer !== undefined)
        expected = closer === '}' ? 'key' : 'value';
      else return position;
      position += 1;
    } else if (
      (expected === 'key or }' && character === '}') ||
      (expected === 'value or ]' && character === ']')
    ) {
      closers.pop();
      expected = 'comma or end';
      position += 1;
    } else if (expected === 'key' || expected === 'key or }') {
      const end = character === '"' ? skipString(text, position) : { isBroken: true, at: position };
      if (end.isBroken) return end.at;
      expected = 'colon';
      position = end.at;
    } else if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']');
      expected = character === '{' ? 'key or }' : 'value or ]';
      position += 1;
    } else {
      const end = character === '"' ? skipString(text, position) : skipLiteral(text, position);
      if (end.isBroken) return end.at;
      expected = 'comma or end';
      position = end.at;
    }
  }
}

interface End {
  isBroken: boolean;
  at: number;
}

function skipSpace(text: string, start: number): number {
  let position = start;
  while (' \t\n\r'.includes(text[position] ?? 'x')) position += 1;
  return position;
}

const escape = /["\\/bfnrt]|u[\dA-Fa-f]{4}/y;

function skipString(text: string, opening: number): End {
  for (let position = opening + 1; position < text.length; position += 1) {
    const character = text[position] ?? '';
    if (character === '"') return { isBroken: false, at: position + 1 };
    if (character < ' ') return { isBroken: true, at: position };
    if (character !== '\\') continue;
    escape.lastIndex = position + 1;
    const match = escape.exec(text);
    if (match === null) return { isBroken: true, at: position };
    position += match[0].length;
  }
  return { isBroken: true, at: text.length };
}

const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function skipLiteral(text: string, start: number): End {
  literal.lastIndex = start;
  const match = literal.exec(text);
  return match === null
    ? { isBroken: true, at: start }
    : { isBroken: false, at: start + match[0].length };
}
