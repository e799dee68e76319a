/**
 * Decides by the first characters of a body whether it is an event stream, because the header
 * `content-type` is not always true. Used by `read-answer.ts`.
 */

export interface OpenedText {
  form: 'events' | 'text' | 'empty';
  /** The whole text, with the characters that were looked at. */
  chunks: AsyncGenerator<Uint8Array>;
}

/** The longest beginning that decides nothing, such as `event`. */
const longestBeginning = 'event:'.length;

export async function openText(chunks: AsyncGenerator<Uint8Array>): Promise<OpenedText> {
  const begun: Uint8Array[] = [];
  let beginning = '';
  while (beginning.length < longestBeginning) {
    const next = await chunks.next();
    if (next.done === true) break;
    begun.push(next.value);
    // White space, byte order marks and NUL come before the text; some servers send them as pings.
    const text = beginning + Buffer.from(next.value).toString('latin1');
    beginning = text.replace(/^[\s\0\xef\xbb\xbf]+/, '').slice(0, longestBeginning);
    if (/^[{[]/.test(beginning)) break;
  }
  const form =
    beginning === '' ? 'empty' : /^(event|data|id|retry)?:/.test(beginning) ? 'events' : 'text';
  return { form, chunks: prepend(begun, chunks) };
}

async function* prepend(
  begun: readonly Uint8Array[],
  chunks: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* begun;
  yield* chunks;
}
