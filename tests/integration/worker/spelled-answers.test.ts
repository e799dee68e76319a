/**
 * Good answers in unusual writing, through a whole Kiln: one call, its picture kept, or a sentence
 * that says what to set.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { spellings } from '../../../apps/simulator/src/faults/spellings.ts';
import { enginesOf } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { callAttemptsOf, callsOf, expectKept } from './support.ts';

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  let kiln: TestKiln;
  beforeAll(async () => {
    kiln = await startKiln({ engine });
  });

  async function runWith(fault: string, body: Record<string, unknown> = {}) {
    await kiln.control('POST', 'faults', { fault, prompt_contains: `<${fault}>` });
    const { id } = await kiln.submit({ prompt: `a picture that meets <${fault}>`, ...body });
    const job = await kiln.ended(id);
    const calls = await callsOf(kiln, id);
    const attempts = await callAttemptsOf(kiln, id);
    expect(calls).toMatchObject([{ fault, paid: true }]);
    expect(attempts).toHaveLength(1);
    return { job, sent: calls[0]!.image_sha256 };
  }

  test('one call each, and the picture is kept byte for byte', async () => {
    const names = Object.keys(spellings).filter((name) => name !== 'address elsewhere');
    const runs = await Promise.all(names.map((name) => runWith(name)));
    for (const { job, sent } of runs) {
      expect(sent).toHaveLength(1);
      await expectKept(kiln, job, sent);
      expect(job.warnings.map(({ code }) => code)).not.toContain('fewer_n');
    }
  });

  test('the prompt as the provider rewrote it is in the job', async () => {
    const { job } = await runWith('a rewritten prompt');
    expect(job.chosen).toMatchObject({ revised_prompt: 'A picture, in detail' });
  });

  test('fewer pictures than were asked for: those that came, and the reason', async () => {
    const { job, sent } = await runWith('picture beside an error', { n: 3 });
    expect(sent).toHaveLength(2);
    await expectKept(kiln, job, sent);
    expect(job.warnings).toContainEqual({
      code: 'fewer_n',
      message:
        'The provider returned 2 of 3 images; image 2: contentFilter: This picture was filtered.',
    });
  });

  test('an address that Kiln may not fetch fails the job and says what to set', async () => {
    const { job } = await runWith('address elsewhere');
    expect(job).toMatchObject({
      status: 'failed',
      error: {
        code: 'answered_with_address',
        message:
          'image 0: it is an address on pictures.invalid, from which Kiln may not fetch ' +
          'pictures; set response_format: b64_json for the deployment "simulator", or list ' +
          'the host in its image_hosts',
      },
    });
  });

  test.each(['usage is a list', 'usage is a text'])('%s: there is no usage', async (fault) => {
    expect((await runWith(fault)).job).toMatchObject({ usage: null, cost: { actual: null } });
  });

  test('NUL and half characters are cleaned', async () => {
    const { job } = await runWith('usage with NUL and half a character');
    expect(job.usage).toMatchObject({ note: 'ab\uFFFD' });
  });
});
