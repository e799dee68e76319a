/**
 * Reads the status of an answer whose head Node's HTTP parser refuses: with a length beside chunks,
 * with two lengths, with characters that a header must not have, or longer than the limit.
 */
export interface ReadHead {
  httpStatus: number;
  retryAfter: string | undefined;
}

const statusLine = /^HTTP\/1\.[01] +(\d{3})(?: [^\r\n]*)?\r?\n/;
const retryAfterLine = /^retry-after:[ \t]*([^\r\n]*)/im;

/** Returns null where there is no whole status line of a final answer. */
export function readHead(bytes: Buffer): ReadHead | null {
  let text = bytes.toString('latin1');
  for (;;) {
    const httpStatus = Number(statusLine.exec(text)?.[1] ?? 0);
    if (httpStatus < 100 || httpStatus > 599 || httpStatus === 101) return null;
    const [head = '', end] = /^[^]*?(\r?\n\r?\n)/.exec(text) ?? [];
    if (httpStatus >= 200)
      return { httpStatus, retryAfter: retryAfterLine.exec(head === '' ? text : head)?.[1] };
    if (end === undefined) return null;
    text = text.slice(head.length); // an informational answer precedes the final one
  }
}
