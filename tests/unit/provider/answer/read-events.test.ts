/** Server-sent events from a body that arrives in pieces of any size. */
import { readEvents, type ServerSentEvent } from '@kiln/shared/provider/answer/read-events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

async function* piecesOf(text: string, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let offset = 0;
  for (const size of sizes) {
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
  yield bytes.subarray(offset);
}

async function read(
  text: string,
  sizes?: readonly number[],
  limit?: number,
): Promise<ServerSentEvent[]> {
  return Array.fromAsync(readEvents(piecesOf(text, sizes), limit));
}

describe('a stream yields the events it holds:', () => {
  test.each<[string, string, ServerSentEvent[]]>([
    ['a name and data', 'event: a\ndata: {"b":1}\n\n', [{ name: 'a', data: '{"b":1}' }]],
    ['no name', 'data: x\n\n', [{ name: '', data: 'x' }]],
    ['no space behind the colon', 'event:a\ndata:x\n\n', [{ name: 'a', data: 'x' }]],
    [
      'lines that end with a lone CR',
      'event: a\rdata: x\r\rdata: y\r',
      [
        { name: 'a', data: 'x' },
        { name: '', data: 'y' },
      ],
    ],
    ['lines that end with CRLF', 'event: a\r\ndata: x\r\n\r\n', [{ name: 'a', data: 'x' }]],
    ['several lines of data', 'data: x\ndata\ndata: y: z\n\n', [{ name: '', data: 'x\n\ny: z' }]],
    [
      'a comment and other fields',
      ': alive\n\nid: 7\nretry: 1\ndata: x\n\n',
      [{ name: '', data: 'x' }],
    ],
    [
      'a name without data, which is forgotten',
      'event: a\n\ndata: x\n\n',
      [{ name: '', data: 'x' }],
    ],
    [
      'an end without the blank line',
      'data: x\n\nevent: a\ndata: y\n',
      [
        { name: '', data: 'x' },
        { name: 'a', data: 'y' },
      ],
    ],
    ['an end without a line break', 'event: a\ndata: y', [{ name: 'a', data: 'y' }]],
    ['nothing', '', []],
  ])('%s', async (_name, text, events) => {
    expect(await read(text)).toEqual(events);
  });
});

test('events are the same however the body is cut into pieces', async () => {
  const text = 'event: é\r\ndata: 灯台\ndata: x\n\n: alive\n\ndata: y\n\n';
  const whole = await read(text);
  expect(whole).toHaveLength(2);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 })), async (sizes) => {
      expect(await read(text, sizes)).toEqual(whole);
    }),
  );
});

describe('an event that is too long', () => {
  test('is refused while its line is still arriving', async () => {
    await expect(read(`data: ${'x'.repeat(100)}`, [40, 40], 60)).rejects.toThrow(
      /longer than 60 characters/,
    );
  });

  test('is refused when it is made of many lines', async () => {
    await expect(read('data: xxxx\n'.repeat(20), [], 60)).rejects.toThrow(
      /longer than 60 characters/,
    );
  });

  test('does not mean many short events, which are read whatever their total', async () => {
    expect(await read('data: xxxx\n\n'.repeat(10), [], 60)).toHaveLength(10);
  });
});
