/** The official SDK with the batches API: only `baseURL` differs from OpenAI. */
import OpenAI, { ConflictError, NotFoundError, toFile } from 'openai';
import type { Batch } from 'openai/resources/batches';
import { beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';

describe('openai.batches', () => {
  let kiln: TestKiln;
  let openai: OpenAI;
  beforeAll(async () => {
    kiln = await startKiln({ engine: engines[0]! });
    openai = new OpenAI({ apiKey: 'none', baseURL: `${kiln.url}/v1`, maxRetries: 0 });
  });

  const line = (customId: string, prompt = 'A small boat') =>
    JSON.stringify({
      custom_id: customId,
      method: 'POST',
      url: '/v1/images/generations',
      body: { model: 'gpt-image-2', prompt },
    });
  const make = async (lines: string[]): Promise<Batch> => {
    const file = await openai.files.create({
      purpose: 'batch',
      file: await toFile(Buffer.from(lines.join('\n')), 'rows.jsonl'),
    });
    return openai.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/images/generations',
      completion_window: '24h',
      metadata: { order: '17' },
    });
  };
  const ended = (id: string) =>
    waitFor(
      async () =>
        ((batch) => ['completed', 'failed', 'cancelled'].includes(batch.status) && batch)(
          await openai.batches.retrieve(id),
        ),
      { what: `${id} to end` },
    );

  test('a file of requests becomes a file of responses', async () => {
    const made = await make([line('1'), line('2', '朝霧の小舟')]);
    expect(made).toMatchObject({
      object: 'batch',
      status: 'validating',
      endpoint: '/v1/images/generations',
      completion_window: '24h',
      metadata: { order: '17' },
    });
    const batch = await ended(made.id);
    expect(batch.request_counts).toMatchObject({ total: 2, completed: 2, failed: 0 });
    expect(batch.usage?.output_tokens).toBeGreaterThan(0);
    const text = await (await openai.files.content(batch.output_file_id!)).text();
    const lines = text
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as Record<string, unknown>);
    expect(lines).toMatchObject(
      ['1', '2'].map((customId) => ({
        custom_id: customId,
        response: { status_code: 200, body: { data: [{}], usage: {} } },
        error: null,
      })),
    );
    expect(await openai.files.retrieve(batch.output_file_id!)).toMatchObject({
      purpose: 'batch_output',
    });
  });

  test('an invalid file fails with the line of the problem', async () => {
    const batch = await ended((await make([line('1'), '{"custom_id": "2"'])).id);
    expect(batch).toMatchObject({
      status: 'failed',
      errors: { object: 'list', data: [{ code: 'invalid_json_line', line: 2 }] },
    });
  });

  test('cancel stops a batch under way', async () => {
    await kiln.control('PATCH', 'settings', { gate: true });
    const made = await make(Array.from({ length: 50 }, (_, index) => line(String(index))));
    expect((await openai.batches.cancel(made.id)).status).toMatch(/^cancell/);
    await kiln.control('PATCH', 'settings', { gate: false });
    expect((await ended(made.id)).status).toBe('cancelled');
  });

  test('list reads every page, newest batch first', async () => {
    const ids: string[] = [];
    for await (const batch of openai.batches.list({ limit: 2 })) ids.push(batch.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  test('errors are thrown as the error classes of the SDK', async () => {
    await expect(openai.batches.retrieve('batch_1')).rejects.toBeInstanceOf(NotFoundError);
    const made = await ended((await make([line('1')])).id);
    await expect(openai.batches.cancel(made.id)).rejects.toBeInstanceOf(ConflictError);
  });
});
