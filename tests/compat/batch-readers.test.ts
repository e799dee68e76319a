/**
 * Programs that read the output and error files of OpenAI's Batch API read ours: three lines of
 * JavaScript and of Python, and the official SDK. They know `response.body` and `error`, and
 * nothing of Kiln.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { beforeAll, expect, test } from 'vitest';
import { engines } from '../support/engines/engines.ts';
import { temporaryFolder } from '../support/engines/server-process.ts';
import { startKiln, type TestKiln } from '../support/kiln.ts';
import { waitFor } from '../support/wait-for.ts';

const png = 'iVBORw0KGgo'; // how every png begins in base64
let kiln: TestKiln;
let openai: OpenAI;
let output = '';
let errors = '';

beforeAll(async () => {
  kiln = await startKiln({ engine: engines[0]! });
  openai = new OpenAI({ apiKey: 'none', baseURL: `${kiln.url}/v1`, maxRetries: 0 });
  await kiln.control('POST', 'faults', {
    fault: 'azure filter, snake case',
    prompt_contains: 'forbidden',
    times: null,
  });
  [output, errors] = await run({}, { on_invalid_rows: 'skip' });
});

/** Runs a batch with a picture, a refused prompt and an invalid row. */
async function run(ofBoat: object, options: object): Promise<[output: string, errors: string]> {
  const bodies = [
    { prompt: 'A small boat', ...ofBoat },
    { prompt: 'forbidden' },
    { prompt: 'A harbour', size: '1x1' },
  ];
  const lines = bodies.map((body, index) =>
    JSON.stringify({
      custom_id: ['boat', 'forbidden', 'harbour'][index],
      method: 'POST',
      url: '/v1/images/generations',
      body: { model: 'gpt-image-2', ...body },
    }),
  );
  const file = await openai.files.create({
    purpose: 'batch',
    file: await toFile(Buffer.from(lines.join('\n')), 'rows.jsonl'),
  });
  const { id } = await openai.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/images/generations',
    completion_window: '24h',
    ...options,
  });
  const batch = await waitFor(
    async () => ((read) => read.status === 'completed' && read)(await openai.batches.retrieve(id)),
    { what: `${id} to be completed` },
  );
  const text = async (fileId = '') => (await openai.files.content(fileId)).text();
  return [await text(batch.output_file_id), await text(batch.error_file_id)];
}

/** The lines of a file, as a reader of OpenAI's files types them. */
interface Line {
  custom_id: string;
  response: {
    status_code: number;
    request_id: string;
    body: { data: { b64_json: string }[]; error: { message: string } };
  };
  error: null;
}

test('three lines of JavaScript read the pictures and the refusals', () => {
  const read = (file: string) =>
    file
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .map(({ custom_id: id, response: { status_code: status, body } }) => [
        id,
        status,
        body.data?.[0]?.b64_json.slice(0, png.length) ?? body.error.message,
      ]);
  expect(read(output)).toEqual([['boat', 200, png]]);
  expect(read(errors)).toEqual([
    ['forbidden', 400, 'The response was filtered.'],
    ['harbour', 400, expect.stringMatching(/size: received "1x1"/)],
  ]);
});

test('three lines of Python read the pictures and the refusals', () => {
  const program = [
    'import json, sys',
    'for row in map(json.loads, open(sys.argv[1], encoding="utf-8")):',
    '    status, body = row["response"]["status_code"], row["response"]["body"]',
    '    print(row["custom_id"], status, body["data"][0]["b64_json"][:11] if status == 200 else ' +
      'body["error"]["message"])',
  ].join('\n');
  const path = join(temporaryFolder('readers').path, 'batch.jsonl');
  const read = (file: string) => {
    writeFileSync(path, file);
    return execFileSync('python3', ['-c', program, path], { encoding: 'utf8' }).trim().split('\n');
  };
  expect(read(output)).toEqual([`boat 200 ${png}`]);
  expect(read(errors)).toEqual([
    'forbidden 400 The response was filtered.',
    expect.stringMatching(/^harbour 400 .*size: received "1x1"/),
  ]);
});

test('a refused row has the whole response of the refusal, and no error of its own', () => {
  expect(
    errors
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(
    [
      { type: 'image_generation_user_error', param: null, code: 'moderation_blocked' },
      { type: 'invalid_request_error', param: 'size', code: expect.any(String) as string },
    ].map((error, index) => ({
      id: expect.stringMatching(/^batch_req_/) as string,
      custom_id: ['forbidden', 'harbour'][index],
      response: {
        status_code: 400,
        request_id: expect.stringMatching(/^req_/) as string,
        body: { error: { message: expect.any(String) as string, ...error } },
      },
      error: null,
    })),
  );
});

test('a picture has what a single request would have been answered with', () => {
  expect(JSON.parse(output)).toMatchObject({
    response: {
      request_id: expect.stringMatching(/^req_/) as string,
      body: {
        created: expect.any(Number) as number,
        output_format: 'png',
        size: expect.stringMatching(/^\d+x\d+$/) as string,
        usage: { output_tokens: expect.any(Number) as number },
      },
    },
  });
});

test.each([
  ['in its line', { response_format: 'url' }, {}],
  ['as a field of the batch', {}, { response_format: 'url' }],
  ['as a default of the batch', {}, { defaults: { response_format: 'url' } }],
])('a row that asks for addresses %s gets them', async (_where, ofBoat, options) => {
  const [lines] = await run(ofBoat, { on_invalid_rows: 'skip', ...options });
  const { response } = JSON.parse(lines) as { response: { body: { data: { url: string }[] } } };
  const [picture] = response.body.data;
  expect(Object.keys(picture ?? {})).toEqual(['url']);
  expect((await fetch(picture?.url ?? '')).status).toBe(200);
});
