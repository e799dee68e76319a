/** A stream of known length ends with its last byte, whatever its source does afterwards. */
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endAtLength } from '../../../apps/api/src/answers/end-at-length.ts';

test('ends while its source has not ended yet', async () => {
  const source = new PassThrough();
  const stream = endAtLength(source, 5);
  source.write('abc');
  source.write('de');
  expect((await buffer(stream)).toString()).toBe('abcde');
  expect(source.readableEnded).toBe(false);
  source.end();
  await once(source, 'close');
});

test('passes on no byte beyond the length', async () => {
  expect((await buffer(endAtLength(Readable.from([Buffer.from('abcdef')]), 4))).toString()).toBe(
    'abcd',
  );
});

test('passes an empty source on as empty', async () => {
  expect(await buffer(endAtLength(Readable.from([]), 0))).toHaveLength(0);
});

test('fails when the source ends early', async () => {
  await expect(buffer(endAtLength(Readable.from([Buffer.from('ab')]), 4))).rejects.toThrow(
    'the source ended 2 bytes early',
  );
});

test('fails when the source fails', async () => {
  const source = new PassThrough();
  const read = buffer(endAtLength(source, 4));
  source.destroy(new Error('cut'));
  await expect(read).rejects.toThrow('cut');
});

test('destroys its source when it is destroyed', async () => {
  const source = new PassThrough();
  const closed = new Promise((resolve) => source.once('close', resolve));
  endAtLength(source, 4).destroy();
  await closed;
});
