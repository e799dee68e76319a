/**
 * `npm run example:sdk [address]`: the README's example of the official SDK, against a Kiln that
 * runs; prints the output file.
 */
import { setTimeout as delay } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';

const address = process.argv[2] ?? 'http://127.0.0.1:8080';
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: process.env.KILN_API_KEY ?? 'none' });

try {
  await openai.models.list();
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  console.error(
    error instanceof OpenAI.APIConnectionError
      ? `no Kiln answers at ${address}: start one with npm start, or say where one is: ` +
          'npm run example:sdk -- http://127.0.0.1:8099'
      : `the Kiln at ${address} refused the request: ${error.message}; ` +
          'if it was started with KILN_API_KEYS, set KILN_API_KEY to one of them',
  );
  process.exit(1);
}

const rows = ['A small boat in the morning fog', '朝霧の中の小舟'].map((prompt, index) =>
  JSON.stringify({
    custom_id: `picture-${index + 1}`,
    method: 'POST',
    url: '/v1/images/generations',
    body: { prompt, size: '1024x1024', quality: 'low' },
  }),
);
const file = await openai.files.create({
  file: await toFile(Buffer.from(rows.join('\n')), 'rows.jsonl'),
  purpose: 'batch',
});
let batch = await openai.batches.create({
  input_file_id: file.id,
  endpoint: '/v1/images/generations',
  completion_window: '24h',
});
while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
  console.error(`${batch.id}: ${batch.status}, ${batch.request_counts?.completed ?? 0} done`);
  await delay(1_000);
  batch = await openai.batches.retrieve(batch.id);
}
for (const id of [batch.output_file_id, batch.error_file_id]) {
  if (id) process.stdout.write(await (await openai.files.content(id)).text());
}
if (batch.errors?.data) console.error(batch.errors.data);
