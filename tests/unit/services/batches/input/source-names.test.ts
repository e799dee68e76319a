import { expect, test } from 'vitest';
import {
  indexNames,
  normaliseSourceName,
} from '../../../../../packages/shared/src/services/batches/input/source-names.ts';

const find = (names: Record<string, string>, name: string) =>
  indexNames(names).get(normaliseSourceName(name));

test('a name is found by its path, and by its last part if only one file has it', () => {
  const names = {
    'a/one.png': 'file-1',
    'b/one.png': 'file-2',
    'a/two.png': 'file-3',
    'one.png': 'file-4',
  };
  expect(find(names, 'a/one.png')).toBe('file-1');
  expect(find(names, 'one.png')).toBe('file-4');
  expect(find(names, 'two.png')).toBe('file-3');
  expect(find({ 'a/one.png': 'file-1', 'b/one.png': 'file-2' }, 'one.png')).toBeUndefined();
});

test('it may be written as Windows and macOS write it', () => {
  expect(find({ 'a/one.png': 'file-1' }, '.\\a\\one.png')).toBe('file-1');
  expect(find({ 'ü.png': 'file-1' }, 'ü.png'.normalize('NFD'))).toBe('file-1');
  expect(find({ 'one.png': 'file-1' }, 'One.png')).toBeUndefined();
});
