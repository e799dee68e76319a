/** Parsing of `.env` files, and the message for invalid ones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readEnvFile } from '../../../scripts/start/read-env.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-env-'));
const path = join(folder, '.env');
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string): Record<string, string> {
  writeFileSync(path, text);
  return readEnvFile(path);
}

describe('what is read', () => {
  test.each<[string, string, Record<string, string>]>([
    ['an empty file', '', {}],
    ['a value', 'A=1\nB=two words\n', { A: '1', B: 'two words' }],
    ['no line end at the end', 'A=1', { A: '1' }],
    ['an empty value', 'A=\nB=2', { A: '', B: '2' }],
    ['double quotes', 'A="one two"', { A: 'one two' }],
    ['single quotes', "A='one # two'", { A: 'one # two' }],
    ['backticks', 'A=`it\'s "so"`', { A: 'it\'s "so"' }],
    ['a quote inside of a value', "A=it's", { A: "it's" }],
    ['spaces around =', '  A =  1  \nB= "2"', { A: '1', B: '2' }],
    ['comments and empty lines', '# first\n\n   # second\nA=1 # third\n', { A: '1' }],
    ['a # in quotes', 'A="1 # 2" # 3', { A: '1 # 2' }],
    ['export', 'export A=1\n  export B="2"', { A: '1', B: '2' }],
    ['= in a value', 'A=postgres://u:p@h/db?a=b', { A: 'postgres://u:p@h/db?a=b' }],
    [
      'several lines in quotes',
      'A="one\ntwo = 2\n# three"\nB=4',
      { A: 'one\ntwo = 2\n# three', B: '4' },
    ],
    ['a byte order mark', '\uFEFFA=1\nB=2', { A: '1', B: '2' }],
    ['line ends of Windows', 'A=1\r\n# two\r\n\r\nB="3"\r\n', { A: '1', B: '3' }],
    ['the last of two', 'A=1\nA=2', { A: '2' }],
    ['a value beyond ASCII', 'A="舟"', { A: '舟' }],
  ])('%s', (_what, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test('a missing file counts as empty', () => {
    expect(readEnvFile(join(folder, 'nowhere'))).toEqual({});
  });
});

describe('an invalid line is reported with its number', () => {
  const notAPair = 'this is not NAME=value; comments start with #';
  test.each<[string, string, number, string]>([
    ['text', 'A=1\nthis is text\nB=2', 2, notAPair],
    ['a colon', 'A: 1', 1, notAPair],
    ['a name with a hyphen', '# fine\n\nA-B=1', 3, notAPair],
    ['a name that starts with a digit', '1A=1', 1, notAPair],
    ['no name', '=1', 1, notAPair],
    ['after line ends of Windows', 'A=1\r\nB\r\n', 2, notAPair],
    ['after a value of several lines', 'A="one\ntwo"\nnonsense', 3, notAPair],
    ['a quote that never closes', 'A=1\nB="two\nC=3', 2, 'a value opens with " and never closes'],
  ])('%s', (_what, text, line, reason) => {
    expect(() => read(text)).toThrow(`${path}, line ${line}: ${reason}`);
  });

  test('the message does not contain the value', () => {
    expect(() => read('KEY sk-S3CRET')).toThrow(/^(?!.*S3CRET)/s);
  });
});
