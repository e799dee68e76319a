/** Prompts that no caller meant are problems of their rows; nothing else is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeUnmeant } from '@kiln/shared/tabular/rows/unmeant-prompt';
import { expect, test } from 'vitest';
import { brief, csv, readCsv, readJsonl } from '../table-rig.ts';

test.each([
  ['#NAME?', 'an error of the spreadsheet'],
  ['#REF!', 'an error of the spreadsheet'],
  ['#N/A', 'an error of the spreadsheet'],
  ['#DIV/0!', 'an error of the spreadsheet'],
  ['#WERT!', 'an error of the spreadsheet'],
  ['########', 'an error of the spreadsheet'],
  ['Err:502', 'an error of the spreadsheet'],
  ['NaN', 'which programs write into an empty cell'],
  [' None ', 'which programs write into an empty cell'],
  ['\\N', 'which programs write into an empty cell'],
  ['[object Object]', 'which programs write into an empty cell'],
  ['Total', 'which looks like the line of totals'],
  ['Grand Total:', 'which looks like the line of totals'],
  ['合計', 'which looks like the line of totals'],
  ['=A1', 'a formula'],
  ['=CONCATENATE("A ","boat")', 'a formula'],
  ['="A barn"', 'a formula'],
  ['Ein M\ufffddchen', 'U+FFFD'],
  ['?????', 'question marks'],
  ['?? ???', 'question marks'],
  ['Ein MÃ¤dchen im grÃ¼nen Wald', '"Mädchen grünen" was meant'],
  ['A sailorâ€™s boat', '"sailor’s" was meant'],
  ['A sailor\u00e2\u0080\u0099s boat', '"sailor’s" was meant'],
  ['con semplicitÃ\u00a0', '"semplicità" was meant'],
  ['Ð›Ð¾Ð´ÐºÐ° Ð² Ñ‚ÑƒÐ¼Ð°Ð½Ðµ', '"Лодка в тумане" was meant'],
])('%s', async (prompt, says) => {
  expect(describeUnmeant(prompt)).toContain(says);
  const { problems } = await readCsv(csv('id,prompt', `1,"${prompt.replaceAll('"', '""')}"`));
  expect(brief(problems)).toEqual(['1 prompt invalid_value']);
  const line = { custom_id: '1', method: 'POST', url: '/v1/images/generations', body: { prompt } };
  expect(brief((await readJsonl(`${JSON.stringify(line)}\n`)).problems)).toEqual([
    '1 body.prompt invalid_value',
  ]);
});

test.each([
  'total eclipse',
  'None of them',
  'null island',
  'nan bread',
  '#sunset',
  'N/A-class ship',
  '= a sign',
  '=)',
  'What???',
  'naïve café at 10 °C',
  'VÉRITÉ…',
  '«AMANHÃ»',
  '« Été »',
  'Đà Nẵng',
  '雨の港',
  '',
])('%j is a prompt', (prompt) => {
  expect(describeUnmeant(prompt)).toBeUndefined();
});

test('no phrase in any language is taken for one, and each that was converted wrongly is', () => {
  const file = join(import.meta.dirname, '../../../../bench/data/phrases.json');
  const languages = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    Record<string, string[]>
  >;
  const phrases = Object.values(languages).flatMap((language) => Object.values(language).flat());
  expect(phrases.filter((phrase) => describeUnmeant(phrase) !== undefined)).toEqual([]);
  const decoder = new TextDecoder('windows-1252');
  const others = phrases.filter((phrase) => /[\u0080-\uffff]/.test(phrase));
  expect(others.length).toBeGreaterThan(400);
  const converted = others.map((phrase) => decoder.decode(Buffer.from(phrase)));
  expect(converted.filter((phrase) => describeUnmeant(phrase) === undefined)).toEqual([]);
});

test('a duplicate of a number that Excel has shortened says so', async () => {
  const { problems } = await readCsv(csv('id,prompt', '1.23457E+11,a', '1.23457E+11,b'));
  expect(brief(problems)).toEqual(['2 id duplicate_custom_id']);
  expect(problems[0]?.message).toContain('A spreadsheet has shortened this number');
});

test('the type line of PowerShell is no header row', async () => {
  const type = '#TYPE System.Management.Automation.PSCustomObject';
  const { rows, problems } = await readCsv(`${type}\r\n"id","prompt"\r\n"1","A boat"\r\n`);
  expect(problems).toEqual([]);
  expect(rows).toMatchObject([{ row: 1, customId: '1', request: { prompt: 'A boat' } }]);
});
