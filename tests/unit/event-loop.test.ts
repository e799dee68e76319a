/** Reading a file that never ends goes on beside everything else, and ends when it is aborted. */
import { setImmediate } from 'node:timers';
import { createBreaks } from '@kiln/shared/event-loop';
import { openTable } from '@kiln/shared/tabular/open-table';
import { expect, test } from 'vitest';

async function* endless(start: string, piece: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(start);
  const chunk = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
  for (;;) yield chunk;
}

const line = '{"custom_id":"1","method":"POST","url":"/v1/images/generations","body":{}}\n';

test.each([
  ['empty lines of CSV', 'a.csv', 'prompt\n', '\n'],
  ['empty rows of CSV', 'a.csv', 'prompt,n\n', ',\n'],
  ['rows of CSV', 'a.csv', 'prompt,n\n', 'A boat,1\n'],
  ['rows of CSV with a mistake', 'a.csv', 'prompt,n\n', 'A boat,1,2,3\n'],
  ['a file whose encoding is looked for', 'a.csv', 'prompt\n\u00e9', 'A boat\n'],
  ['empty lines of JSONL', 'a.jsonl', line, '\n'],
  ['spaces', 'a.jsonl', line, ' \t\n'],
  ['lines of JSONL', 'a.jsonl', line, line],
  ['broken lines of JSONL', 'a.jsonl', line, '{\n'],
])('%s', async (_, name, start, piece) => {
  const controller = new AbortController();
  const limits = { rows: 1_000_000, blankRows: Number.POSITIVE_INFINITY };
  const reading = (async () => {
    const table = await openTable(() => endless(start, piece), name, {
      endpoint: '/v1/images/generations',
      limits,
      breaks: createBreaks(controller.signal),
      isTentative: name === 'a.csv' && !start.includes('\u00e9'),
    });
    if (table.status === 'refused') throw new Error(table.problems[0]?.message);
    for await (const _page of table.pages());
  })();
  // This would never run if the reading kept the event loop to itself.
  setImmediate(() => setImmediate(() => controller.abort()));
  await expect(reading).rejects.toThrow('aborted');
});
