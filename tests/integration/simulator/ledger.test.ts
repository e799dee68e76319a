import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import { decodeImages, readImages, startSimulator, anyNumber, containing } from './support.ts';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

async function makeLedgerPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-simulator-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'ledger.jsonl');
}

async function readLines(path: string): Promise<LedgerEntry[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LedgerEntry);
}

test('a call is on disk, whole and without its prompt, when its answer arrives', async () => {
  const ledgerPath = await makeLedgerPath();
  const { generate, ledger } = await startSimulator({ ledgerPath });
  const headers = { 'x-kiln-job-id': 'job_1', 'x-kiln-attempt-id': 'att_1' };
  const response = await generate(
    { prompt: 'a secret fox', n: 2, quality: 'low', user: 'u1' },
    { face: 'azure', headers },
  );
  const lines = await readLines(ledgerPath);
  const images = decodeImages(await readImages(response));
  expect(lines).toEqual([
    {
      seq: 1,
      received_at: anyNumber,
      arrived_after: anyNumber,
      finished_at: anyNumber,
      route: '/openai/deployments/:deployment/images/generations',
      deployment: 'gpt-image-2',
      model: 'gpt-image-2',
      n: 2,
      partial_images: null,
      prompt_sha256: sha256('a secret fox'),
      user: 'u1',
      kiln_job_id: 'job_1',
      kiln_attempt_id: 'att_1',
      fault: null,
      status: 200,
      took_quota: true,
      paid: true,
      images: 2,
      usage: containing({ input_tokens: 3, output_tokens: 392, total_tokens: 395 }),
      svg_usage: null,
      request_id: response.headers.get('x-request-id'),
      source_sha256: [],
      mask_sha256: null,
      markup_sha256: null,
      image_sha256: images.map(sha256),
      client_gone: false,
    },
  ]);
  expect(await readFile(ledgerPath, 'utf8')).not.toContain('fox');
  expect((await ledger()).entries).toEqual(lines);
});

test('many calls at once lose no line', async () => {
  const ledgerPath = await makeLedgerPath();
  const { generate, ledger } = await startSimulator({ ledgerPath });
  await Promise.all(Array.from({ length: 50 }, (_, index) => generate({ prompt: `${index}` })));
  expect(new Set((await readLines(ledgerPath)).map(({ seq }) => seq)).size).toBe(50);
  const { counters, entries } = await ledger('?after=48&limit=1');
  expect(counters).toMatchObject({
    calls: 50,
    in_flight: 0,
    paid: 50,
    images: 50,
    refused_by_429: 0,
  });
  expect(entries).toHaveLength(1);
});

test('clearing empties the list and the file', async () => {
  const ledgerPath = await makeLedgerPath();
  const { generate, control, ledger } = await startSimulator({ ledgerPath });
  await generate({ prompt: 'a' });
  await control('DELETE', '/ledger');
  expect(await ledger()).toMatchObject({
    counters: { calls: 0, paid: 0, max_starts_per_minute: 0 },
    entries: [],
  });
  expect(await readLines(ledgerPath)).toEqual([]);
  await generate({ prompt: 'b' });
  expect(await readLines(ledgerPath)).toMatchObject([{ seq: 1, prompt_sha256: sha256('b') }]);
});

test('a reader can wait for calls in flight and release them one by one', async () => {
  const { generate, control, ledger } = await startSimulator({ gate: true });
  const calls = ['a', 'b', 'c'].map((prompt) => generate({ prompt }));
  expect(await ledger('?in_flight=3&wait_ms=250000')).toMatchObject({
    reached: true,
    counters: { calls: 3, paid: 0 },
  });
  expect(await control('POST', '/release?count=1')).toEqual({ released: 1 });
  expect(await ledger('?min_paid=1&wait_ms=250000')).toMatchObject({
    reached: true,
    counters: { in_flight: 2 },
  });
  await control('PATCH', '/settings', { gate: false });
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await ledger('?min_calls=4')).toMatchObject({ reached: false });
});

test('a call still in progress when the gate opens is answered', async () => {
  const latencyMs = { min: 200, max: 200 };
  const { generate, control, ledger } = await startSimulator({ gate: true, latencyMs });
  const call = generate({ prompt: 'a' });
  expect(await ledger('?in_flight=1&wait_ms=250000')).toMatchObject({ reached: true });
  await control('PATCH', '/settings', { gate: false });
  expect((await call).status).toBe(200);
});
