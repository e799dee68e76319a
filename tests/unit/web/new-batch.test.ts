/** What is typed or pasted for a new batch, as prompts and as values of a template. */
import { describe, expect, test } from 'vitest';
import { splitPrompts } from '../../../apps/web/src/pages/batches/new/input/split-prompts.ts';
import {
  countCombinations,
  emptyTemplate,
  pasteCells,
  toSource,
  variablesOf,
} from '../../../apps/web/src/pages/batches/new/input/template.ts';

test.each([
  ['A boat\r\n\r\n  A tree \n', ['A boat', 'A tree']],
  ['A boat\nat dawn\n---\r\nA tree\n\n-----  \n', ['A boat\nat dawn', 'A tree']],
  ['A boat --- and a tree', ['A boat --- and a tree']],
  [' \n', []],
])('the prompts of %j', (text, prompts) => {
  expect(splitPrompts(text)).toEqual(prompts);
});

describe('a template', () => {
  const text = 'A {{colour}} boat in {{ style }}, {{Colour}}';

  test.each([
    [text, ['colour', 'style']],
    ['{{a b}} {{a-b}} {{A_B}}', ['a b']],
    ['{{{{literal}} {{}} {{ }} {{open', []],
  ])('%j has variables that the API takes for different ones', (template, variables) => {
    expect(variablesOf(template)).toEqual(variables);
  });

  test('is no source until a value is there, and leaves empty rows out', () => {
    expect(toSource(emptyTemplate)).toBeNull();
    expect(toSource({ ...emptyTemplate, text: 'A boat' })).toBeNull();
    expect(toSource({ ...emptyTemplate, text })).toBeNull();
    const rows = [{ colour: ' red ', old: 'x' }, { style: ' ' }];
    expect(toSource({ ...emptyTemplate, text, rows })).toEqual({
      kind: 'template',
      template: text,
      values: [{ colour: 'red', style: '' }],
    });
  });

  test('combines lists, each value once', () => {
    const lists = { colour: 'red\nblue\n\nred', style: 'oil\r\nink', gone: 'x' };
    const draft = { ...emptyTemplate, text, mode: 'matrix' as const, lists };
    expect(countCombinations(draft)).toBe(4);
    expect(toSource(draft)).toEqual({
      kind: 'template',
      template: text,
      matrix: { colour: ['red', 'blue'], style: ['oil', 'ink'] },
    });
    expect(toSource({ ...draft, lists: { colour: 'red' } })).toBeNull();
  });

  test('takes cells of a spreadsheet from the cell on, or by the names above them', () => {
    const draft = { ...emptyTemplate, text, rows: [{ colour: 'red' }] };
    expect(pasteCells(draft, 'oil\tmore\nink\n', { row: 0, variable: 1 }).rows).toEqual([
      { colour: 'red', style: 'oil' },
      { style: 'ink' },
    ]);
    const named = 'Style\tPrice\tColour\noil\t3\tblue\n';
    expect(pasteCells(draft, named, { row: 0, variable: 0 }).rows).toEqual([
      { colour: 'blue', style: 'oil' },
    ]);
  });
});
