import { createLogger } from '@kiln/shared/logger';
import { openParts, type Opened } from '@kiln/shared/open-parts';
import { expect, test } from 'vitest';

const log = createLogger({ name: 'test', level: 'silent' });

function createRecorder() {
  const closed: string[] = [];
  const part = (name: string, fails = false) => ({
    name,
    async close() {
      closed.push(name);
      if (fails) throw new Error(`${name} does not close`);
    },
  });
  return { closed, part };
}

test('parts are closed in the reverse order of their opening', async () => {
  const { closed, part } = createRecorder();
  const parts = await openParts(log, async (opened: Opened) => ({
    store: opened(part('store')),
    database: opened(part('database')),
  }));
  expect(parts.store.name).toBe('store');
  expect(closed).toEqual([]);
  await parts.close();
  expect(closed).toEqual(['database', 'store']);
});

test('a part that fails to open closes those before it, and its error is thrown', async () => {
  const { closed, part } = createRecorder();
  const opening = openParts(log, async (opened) => {
    opened(part('store'));
    opened(part('database'));
    throw new Error('the queue engine does not answer');
  });
  await expect(opening).rejects.toThrow('the queue engine does not answer');
  expect(closed).toEqual(['database', 'store']);
});

test('a part that does not close keeps no other open and hides no error', async () => {
  const { closed, part } = createRecorder();
  const opening = openParts(log, async (opened) => {
    opened(part('store'));
    opened(part('database', true));
    throw new Error('the queue engine does not answer');
  });
  await expect(opening).rejects.toThrow('the queue engine does not answer');
  expect(closed).toEqual(['database', 'store']);
});
