/** Alt and the arrow keys walk through the prompts that were sent. */
import { expect, test } from 'vitest';
import { stepThrough } from '../../../apps/web/src/pages/create/draft/prompt-history.ts';

const prompts = ['newest', 'middle', 'oldest'];

test("a text of one's own, then each earlier one, and back", () => {
  const earlier = (place: number, current: string) =>
    stepThrough(prompts, { place, current }, 'earlier');
  expect(earlier(-1, 'being written')).toBe(0);
  expect(earlier(0, 'newest')).toBe(1);
  expect(earlier(2, 'oldest')).toBe(2);
  expect(stepThrough(prompts, { place: 1, current: 'middle' }, 'later')).toBe(0);
  expect(stepThrough(prompts, { place: 0, current: 'newest' }, 'later')).toBe(-1);
});

test('the prompt that was just sent is passed over, because it stands in the field', () => {
  expect(stepThrough(prompts, { place: -1, current: 'newest' }, 'earlier')).toBe(1);
});

test("a prompt that was changed is a text of one's own again", () => {
  expect(stepThrough(prompts, { place: 1, current: 'middle, changed' }, 'earlier')).toBe(0);
  expect(stepThrough([], { place: -1, current: '' }, 'earlier')).toBe(-1);
});
