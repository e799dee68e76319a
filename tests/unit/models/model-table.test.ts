import { describe, expect, test } from 'vitest';
import { retirementOf } from '../../../packages/shared/src/models/model-retirement.ts';
import { findModel, listModels } from '../../../packages/shared/src/models/model-table.ts';

function known(id: string) {
  const model = findModel(id);
  if (!model) throw new Error(`the table has no ${id}`);
  return model;
}

test('a model is found by its id and its aliases only', () => {
  expect(known('gpt-image-2').id).toBe('gpt-image-2');
  expect(known('gpt-image-2-2026-04-21').id).toBe('gpt-image-2');
  expect(findModel('gpt-image-3')).toBeNull();
  expect(findModel('constructor')).toBeNull();
});

test('every name in the table belongs to one model', () => {
  const names = listModels().flatMap((model) => [model.id, ...model.aliases]);
  expect(new Set(names).size).toBe(names.length);
});

test('a model with same_as has the rules of the other, and its own names and quota', () => {
  const { id, aliases, azureDefaultRpm, azureConfirmed, ...flare } = known('gpt-image-2.5-flare');
  expect({ id, aliases, azureDefaultRpm, azureConfirmed }).toEqual({
    id: 'gpt-image-2.5-flare',
    aliases: ['gpt-image-2.5-flare-2026-09-08'],
    azureDefaultRpm: 5,
    azureConfirmed: true,
  });
  expect(known('gpt-image-2.6-sunburst')).toEqual({
    ...flare,
    id: 'gpt-image-2.6-sunburst',
    aliases: [],
    azureDefaultRpm: null,
    azureConfirmed: false,
    inferred: ['size', 'quality', 'background', 'markup', 'tokens'],
    inferredFrom: 'gpt-image-2.5-flare',
    openaiBatch: null,
  });
});

test('the table says which models the Batch API of OpenAI takes, where it is known', () => {
  const batch = (id: string) => known(id).openaiBatch;
  for (const id of ['gpt-image-2', 'gpt-image-1.5', 'gpt-image-1-mini'])
    expect(batch(id)).toBe(true);
  for (const id of ['gpt-image-2.5-flare', 'gpt-image-2.5-sunburst']) expect(batch(id)).toBe(false);
  for (const id of ['gpt-image-2.6-flare', 'gpt-image-2.6-sunburst', 'chatgpt-image-latest'])
    expect(batch(id)).toBeNull();
});

describe('retirement', () => {
  const mini = known('gpt-image-1-mini');
  test.each([
    ['long before', '2027-02-05T23:59:59Z', { status: 'available' }],
    ['60 days before', '2027-02-06T00:00:00Z', { status: 'retiring', days: 60 }],
    ['a second before', '2027-04-06T23:59:59Z', { status: 'retiring', days: 1 }],
    ['on the day', '2027-04-07T00:00:00Z', { status: 'retired' }],
  ])('%s', (_when, today, expected) => {
    expect(retirementOf(mini, 'azure', new Date(today))).toMatchObject(expected);
  });

  test('differs between providers, and names the source of the date', () => {
    const today = new Date('2026-11-21T12:00:00Z');
    expect(retirementOf(mini, 'azure', today)).toEqual({ status: 'available' });
    expect(retirementOf(mini, 'openai', today)).toEqual({
      status: 'retiring',
      date: '2026-12-01',
      days: 10,
      source: 'third-party',
    });
    expect(retirementOf(known('gpt-image-2.5-flare'), 'openai', today)).toEqual({
      status: 'available',
    });
  });
});
