import { expect, test } from 'vitest';
import {
  fidelityOf,
  inputTokensOfPicture,
  meanKey,
} from '../../../packages/shared/src/models/input-image-tokens.ts';

test('without a requested fidelity, a model that lacks the field counts as high', () => {
  expect(fidelityOf('gpt-image-1.5', undefined)).toBe('low');
  expect(fidelityOf('gpt-image-1.5', 'high')).toBe('high');
  expect(fidelityOf('gpt-image-2', undefined)).toBe('high');
  expect(fidelityOf('gpt-image-99', undefined)).toBe('low');
});

test('the mean of a model and fidelity replaces the figure of the table', () => {
  const means = new Map([[meanKey('gpt-image-1.5', 'high'), 5_000.5]]);
  expect(inputTokensOfPicture('gpt-image-1.5', 'high', means)).toBe(5_000.5);
  expect(inputTokensOfPicture('gpt-image-1.5', 'low', means)).toBe(323);
  expect(inputTokensOfPicture('gpt-image-2', undefined, means)).toBe(4_483);
});
