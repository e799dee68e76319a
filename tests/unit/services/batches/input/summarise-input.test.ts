/** Validation reads a file once if it can, and its summary never depends on that. */
import { summariseInput } from '@kiln/shared/services/batches/input/summarise-input';
import type { RowChecks } from '@kiln/shared/services/batches/input/read-rows';
import type { JobPlan } from '@kiln/shared/services/jobs/new-job';
import { openCsv } from '@kiln/shared/tabular/csv/open-csv';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { encodeText } from '../../../tabular/text/encode-text.ts';
import { bytesOf, readCsv, readJsonl } from '../../../tabular/table-rig.ts';

vi.setConfig({ testTimeout: 60_000 });

const plan = { route: 'only', n: 1, cost_estimated_micros: 1, request: {}, metadata: {} };
const checks: RowChecks = {
  assessor: {
    check: () => [],
    assess: () => ({ status: 'accepted', job: plan as unknown as JobPlan, callBound: 1 }),
  },
  findDrafts: null,
  sources: {
    load: async () => undefined,
    find: () => ({ status: 'unfit', reason: 'no file' }),
    report: () => ({ received: 0, matched: 0, unmatched: [], missing: [] }),
    restart: () => undefined,
  },
};

/** Returns the summary, and how many bytes were read for it. */
async function summarise(content: Uint8Array, isAlwaysDetected = false) {
  let bytesRead = 0;
  async function* open() {
    for await (const chunk of bytesOf(content)()) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  const openTable = async (isTentative: boolean) => ({
    ...(await openCsv(open, { isTentative: isTentative && !isAlwaysDetected })),
    endpoint: '/v1/images/generations' as const,
  });
  const summary = await summariseInput(openTable, checks);
  const { problems, total, hasFileProblem } = summary.report;
  return { summary: { ...summary, report: { problems, total, hasFileProblem } }, bytesRead };
}

const pageBytes = 65_536;
/** ASCII that is longer than the part of a file by which the encoding is guessed. */
const longBeginning = `prompt,note\n${'a plain teapot,one\n'.repeat(4_000)}`;
const plainRows = 4_000;

test('a UTF-8 file is read once, and its beginning twice', async () => {
  const content = Buffer.from(`${longBeginning}薔薇,two\n${'a cup,x\n'.repeat(50_000)}`);
  const { summary, bytesRead } = await summarise(content);
  expect(summary).toMatchObject({ reading: { encoding: 'utf-8' }, rows: plainRows + 50_001 });
  expect(bytesRead).toBeLessThanOrEqual(content.length + 2 * pageBytes);
});

test.each(['shift_jis', 'euc-jp'] as const)(
  '%s is detected when only the end of the file shows it',
  async (encoding) => {
    const content = encodeText(`${longBeginning}薔薇の花束をひとつ,two\n`, encoding);
    const { summary } = await summarise(content);
    expect(summary).toMatchObject({
      reading: { encoding },
      rows: plainRows + 1,
      report: { total: 0 },
    });
  },
);

test('a file that ends with invalid bytes is refused', async () => {
  const { summary } = await summarise(
    Buffer.concat([Buffer.from(longBeginning), Buffer.from([0x80, 0xff, 0xfe, 0x80])]),
  );
  expect(summary.reading).toBeNull();
  expect(summary.report.problems.map(({ code }) => code)).toEqual(['invalid_encoding']);
});

describe('the summary is the same as if the encoding had been detected first', () => {
  test('if an unclosed quotation mark ends the rows before another encoding shows', async () => {
    const content = encodeText(`${longBeginning}"never closed\n薔薇の花束をひとつ\n`, 'shift_jis');
    const { summary } = await summarise(content);
    expect(summary.reading?.encoding).toBe('shift_jis');
    expect(summary).toEqual((await summarise(content, true)).summary);
  });

  test('for any end of a file', async () => {
    const end = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .string({ unit: fc.constantFrom(...Array.from('薔薇の花,"\n a')), maxLength: 40 })
        .chain((text) =>
          fc.constantFrom(
            ...(['utf-8', 'shift_jis', 'euc-jp'] as const).map((label) => encodeText(text, label)),
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(end, async (bytes) => {
        const content = Buffer.concat([Buffer.from(longBeginning), bytes]);
        const { summary } = await summarise(content);
        expect(summary).toEqual((await summarise(content, true)).summary);
      }),
      { numRuns: 30 },
    );
  });
});

describe('rows of a faultless file are not checked again', () => {
  const check = vi.fn(() => []);
  const known = { encoding: 'utf-8', isFaultless: true } as const;

  test('CSV', async () => {
    const { rows } = await readCsv('custom_id,prompt\na,A cup\nb,A pot\n', { known, check });
    expect(rows.map(({ status, customId }) => [status, customId])).toEqual([
      ['valid', 'a'],
      ['valid', 'b'],
    ]);
    expect(check).not.toHaveBeenCalled();
  });

  test('JSONL', async () => {
    const line =
      '{"custom_id":"a","method":"POST","url":"/v1/images/generations","body":{"prompt":"A cup"}}';
    const { rows } = await readJsonl(line, { known, check });
    expect(rows.map(({ status, customId }) => [status, customId])).toEqual([['valid', 'a']]);
    expect(check).not.toHaveBeenCalled();
  });
});
