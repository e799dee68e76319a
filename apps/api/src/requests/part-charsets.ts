/**
 * The charsets of the parts of a form. `@fastify/multipart` passes the content type of a part on
 * without its parameters, so we read it where its parser (`@fastify/busboy`) reads the head of a
 * part. The parser's fields have no public name; without them every charset is null, and the test
 * of a part with a charset fails.
 */
import type { EventEmitter } from 'node:events';
import { charsetOf } from './charset.ts';

export interface PartCharsets {
  /** Options of `request.parts`. */
  options: { isPartAFile: () => boolean; construct: (done: () => void) => void };
  /** The charset of the next part, in the order in which the parser returns them. */
  next(): string | null;
}

interface Parser {
  _parser?: { parser?: EventEmitter };
}

export function createPartCharsets(): PartCharsets {
  const charsets: (string | null)[] = [];
  let latest: string | null = null;

  function readHead(head: Record<string, string[] | undefined>): void {
    latest = charsetOf(head['content-type']?.[0] ?? '');
  }

  return {
    options: {
      // A stream calls this with itself as `this`, before it is written to.
      construct(this: Parser, done: () => void) {
        this._parser?.parser?.prependListener('part', (part: EventEmitter) =>
          part.prependListener('header', readHead),
        );
        done();
      },
      // The parser asks this of each part that it returns, right after its head was read. Every
      // part is read as bytes, because the parser would replace what is not UTF-8 in a field
      // without a word.
      isPartAFile() {
        charsets.push(latest);
        return true;
      },
    },
    next: () => charsets.shift() ?? null,
  };
}
