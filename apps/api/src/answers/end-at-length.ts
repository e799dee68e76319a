/**
 * Ends a stream of known length with its last byte. A client that has the content length may
 * disconnect as soon as it has received that many bytes, often before the source reports its end;
 * a response that still waits for that end would be logged as closed prematurely.
 */
import { pipeline, Transform, type Readable } from 'node:stream';

/**
 * Passes the first `length` bytes of `source` on and ends at once. The source is then read to its
 * end, so that its connection can be reused. A source that ends earlier is an error, and destroying
 * the returned stream destroys the source.
 */
export function endAtLength(source: Readable, length: number): Readable {
  let missing = length;
  const exact = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const piece = chunk.subarray(0, missing);
      if (piece.length > 0) this.push(piece);
      const isLast = missing > 0 && missing === piece.length;
      missing -= piece.length;
      if (isLast) this.push(null);
      done();
    },
    flush(done) {
      done(missing === 0 ? null : new Error(`the source ended ${missing} bytes early`));
    },
  });
  // The reader of `exact` handles its errors.
  pipeline(source, exact, () => undefined);
  return exact;
}
