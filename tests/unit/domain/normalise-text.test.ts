/**
 * Sorting combining marks takes time in proportion to the square of their number, so no text of a
 * stranger may be normalised whole. The tests look at every text that is normalised.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cleanFilename } from '@kiln/shared/domain/file-rules';
import { composeText, normaliseText } from '@kiln/shared/domain/text/normalise-text';
import { checkProviderOptions } from '@kiln/shared/models/provider-option-rules';
import { createSourceLookup } from '@kiln/shared/services/batches/input/source-lookup';
import { buildRequestKey } from '@kiln/shared/services/jobs/request-key';
import type { Database } from '@kiln/shared/records/database/open-records';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readCsv, readJsonl } from '../tabular/table-rig.ts';

const root = join(import.meta.dirname, '..', '..', '..');

test('a short text is normalised, and a long one stays as it is', () => {
  expect(normaliseText('ｎ\u0316\u0300', 'NFKC')).toBe('n\u0316\u0300'.normalize('NFKC'));
  const long = 'e\u0301'.repeat(1_000);
  expect(normaliseText(long, 'NFC')).toBe(long);
});

test('a prompt of any length is composed, unless it has a very long run of marks', () => {
  expect(composeText('e\u0301'.repeat(16_000))).toBe('\u00e9'.repeat(16_000));
  const marks = `e${'\u0301\u0316'.repeat(50)}`;
  expect(composeText(marks)).toBe(marks);
});

test('no other code normalises texts of strangers', () => {
  const files = globSync(['packages/shared/src/**/*.ts', 'apps/{api,worker}/src/**/*.ts'], {
    cwd: root,
  });
  const others = files.filter((file) =>
    readFileSync(join(root, file), 'utf8').includes('.normalize('),
  );
  // The pieces that an encoding is judged by are short (`collect-samples.ts`).
  const allowed = new Set(['normalise-text.ts', 'score-words.ts']);
  expect(new Set(others.map((file) => basename(file)))).toEqual(allowed);
});

describe('a hundred thousand combining marks are not sorted', () => {
  const marks = '\u0300'.repeat(20_000) + '\u0316'.repeat(20_000);
  beforeEach(() => {
    const normalised = vi.spyOn(String.prototype, 'normalize');
    onTestFinished(() => {
      const lengths = normalised.mock.contexts.map((text) => String(text).length);
      normalised.mockRestore();
      expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(1_000);
    });
  });

  test('in the cells of a table', async () => {
    const row = Array(6).fill(marks).join();
    await readCsv(`prompt,n,size,transparent,image,svg\n{{${marks}}},${row}\n`);
  });

  test('in its header row', async () => {
    await readCsv(`prompt,${marks.slice(10_000, 30_000)}\nA boat,x\n`);
  });

  test('in a map of its columns, and in defaults', async () => {
    await readCsv('prompt\nA boat\n', {
      columnMap: { [marks]: null },
      defaults: { prompt: marks, size: marks },
    });
  });

  test('in the name of a picture', async () => {
    const line = { custom_id: marks, body: { prompt: 'A boat', images: [{ file_id: marks }] } };
    await readJsonl(JSON.stringify(line), { endpoint: '/v1/images/edits' });
    const names = { 'a.png': 'file-1', [marks]: 'file-2' };
    createSourceLookup({} as Database, 'default', names).find(marks);
    cleanFilename(`${marks}.png`);
  });

  test('in the key of a request', () => {
    buildRequestKey('', { prompt: marks.slice(10_000, 30_000) }, new Map());
  });

  test('in the name of an option', () => {
    checkProviderOptions({ prompt: 'A boat', provider_options: { [marks]: 1 } });
  });
});

test('a name of ours is recognised among spaces and characters that are not seen', () => {
  const spaced = ' '.repeat(5_000);
  const { problems } = checkProviderOptions({
    prompt: 'A boat',
    provider_options: { [`${spaced}ｎ\u200b${spaced}`]: 2 },
  });
  expect(problems).toHaveLength(1);
});
