import { createSourceLookup } from '@kiln/shared/services/batches/input/source-lookup';
import type { Database } from '@kiln/shared/records/database/open-records';
import { expect, test } from 'vitest';

const reasonOf = (names: readonly string[], reference: string): string => {
  const ids = Object.fromEntries(names.map((name) => [name, 'file-1']));
  const found = createSourceLookup({} as Database, 'default', ids).find(reference);
  return found.status === 'unfit' ? found.reason : '';
};

test('a name that no picture has lists the names that came, the likely ones first', () => {
  const names = Array.from({ length: 12 }, (_, index) => `picture-${index}.png`);
  expect(reasonOf([...names, 'folder/Boat.JPG'], 'boat.png')).toMatch(
    /those that came are "folder\/Boat.JPG", "picture-0.png",.* and 3 more; send/,
  );
  expect(reasonOf(['one.png'], 'two.png')).toContain('those that came are "one.png"; send');
  expect(reasonOf([], 'two.png')).toContain('no pictures came with the batch; send');
});
