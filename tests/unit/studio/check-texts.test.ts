import { expect, test } from 'vitest';
import { findTextProblems } from '../../../scripts/studio/check-texts.ts';

const en = { queue: { title: 'Queue', waits: { one: '{count} job', many: '{count} jobs' } } };
const ja = { queue: { title: 'キュー', waits: { many: '{count}件' } } };
const sources = ['t.title; t.waits(3)'];

test('texts that are used and agree are right', () => {
  expect(findTextProblems({ en, ja }, sources)).toEqual([]);
});

test('a text that no file reads is found', () => {
  expect(findTextProblems({ en, ja }, ['t.title'])).toEqual([
    'nothing uses the text waits of queue',
  ]);
});

test('a text that is chosen by its name is used', () => {
  expect(findTextProblems({ en, ja }, ["t[isBusy ? 'waits' : 'title']"])).toEqual([]);
});

test('a placeholder that is missing in a language, or misspelt, is found', () => {
  const wrong = { queue: { title: 'キュー', waits: { many: '{cuont}件' } } };
  expect(findTextProblems({ en, ja: wrong }, sources)).toEqual([
    'queue.waits: the placeholders are {count} in en, {cuont} in ja',
  ]);
});
