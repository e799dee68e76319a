/**
 * SVG edits from the caller to the provider and back, as JSON, as a form of the official SDK and in
 * CSV: the author and its effort arrive, and the tokens of the author are part of the cost.
 */
import OpenAI, { toFile } from 'openai';
import { actualCost } from '@kiln/shared/models/cost/actual-cost';
import { findModel } from '@kiln/shared/models/model-table';
import type { Job } from '@kiln/shared/schemas/job';
import { beforeAll, expect, test } from 'vitest';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import { engines } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { drawPicture, toDataUrl } from '../../support/pictures/edit-pictures.ts';
import { reached, sendForm } from '../api/batches/batches-support.ts';
import type { Batch } from '@kiln/shared/schemas/batch';
import { callAttemptsOf, callsOf, expectKept, sha256 } from './support.ts';

const model = 'gpt-image-2.6-sunburst';
const svg = { model: 'gpt-5.6-luna', reasoning: { effort: 'high' } } as const;
let kiln: TestKiln;
let png: Buffer;

beforeAll(async () => {
  kiln = await startKiln({ engine: engines[0]! });
  png = await drawPicture('png');
});

/** Checks that the provider made a document for the author, and that both meters were counted. */
async function expectDocument(job: Job): Promise<LedgerEntry> {
  const [call, ...more] = await callsOf(kiln, job.id);
  expect(more).toEqual([]);
  expect(call).toMatchObject({
    route: '/v1/images/edits',
    source_sha256: [sha256(png)],
    svg_usage: { model: svg.model, reasoning_tokens: 2_000 },
  });
  await expectKept(kiln, job, call!.image_sha256);
  expect(job.images[0]).toMatchObject({ format: 'svg', thumbnail_url: null });
  expect(job.request.svg).toEqual(svg);
  expect(job.usage).toEqual(call!.usage);
  expect(job.svg_usage).toEqual(call!.svg_usage);
  const both = actualCost(call!.usage, findModel(model), call!.svg_usage);
  expect(job.cost.actual).toBe(both);
  expect(both).toBeGreaterThan(actualCost(call!.usage, findModel(model)) ?? 0);
  expect(job.cost.estimated).toBeGreaterThan(0);
  return call!;
}

test('as JSON, the document is kept, described and served as a safe attachment', async () => {
  const request = { model, images: [{ image_url: toDataUrl(png) }], output_format: 'svg', svg };
  const job = await kiln.ended((await kiln.submit(request)).id);
  const call = await expectDocument(job);
  expect(await callAttemptsOf(kiln, job.id)).toMatchObject([
    { svg_usage: call.svg_usage, cost: { actual: job.cost.actual } },
  ]);
  const served = await kiln.request(`/v1/jobs/${job.id}/images/0`);
  expect(served.headers.get('content-type')).toBe('image/svg+xml');
  expect(served.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
  expect(served.headers.get('x-content-type-options')).toBe('nosniff');
});

test('as a form of the official SDK, the answer has both meters', async () => {
  const client = new OpenAI({ baseURL: `${kiln.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const { data, response } = await client.images
    .edit({
      model,
      image: await toFile(png, 'boat.png', { type: 'image/png' }),
      prompt: 'A small boat',
      output_format: 'svg',
      svg,
    })
    .withResponse();
  const job = await kiln.read(response.headers.get('x-kiln-job-id') ?? '');
  const call = await expectDocument(job);
  expect(data).toMatchObject({
    output_format: 'svg',
    usage: call.usage,
    svg_usage: call.svg_usage,
  });
  expect(sha256(Buffer.from(data.data?.[0]?.b64_json ?? '', 'base64'))).toBe(call.image_sha256[0]);
});

test('in CSV, the column svg holds the author, and the batch counts both meters', async () => {
  const author = JSON.stringify(svg).replaceAll('"', '""');
  const csv = `prompt,image,output_format,svg\nA small boat,boat.png,svg,"${author}"\n`;
  const made = await sendForm(kiln, [
    ['file', csv, 'rows.csv'],
    ['files', png, 'boat.png'],
    ['defaults', JSON.stringify({ model })],
  ]);
  const { id } = (await made.json()) as Batch;
  const batch = await reached(kiln, id);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 1 } });
  const listed = await kiln.request(`/v1/batches/${id}/jobs`);
  const [row] = ((await listed.json()) as { data: Job[] }).data;
  const call = await expectDocument(row!);
  expect(batch.cost).toMatchObject({ actual: row!.cost.actual, estimated: row!.cost.estimated });
  expect(batch.cost.estimate_basis).toBe(row!.cost.estimate_basis);
  const output = await kiln.request(`/v1/files/${batch.output_file_id}/content`);
  const line: unknown = JSON.parse(await output.text());
  expect(line).toMatchObject({
    response: { body: { usage: call.usage, svg_usage: call.svg_usage } },
  });
});

test('a document whose author is refused by the rules costs no call', async () => {
  const refused = kiln.submit({
    model,
    images: [{ image_url: toDataUrl(png) }],
    output_format: 'svg',
    n: 2,
  });
  await expect(refused).rejects.toThrow('n: received 2; with output_format \\"svg\\" it takes 1');
});
