/**
 * `npm run client` writes `packages/client/src/openapi.ts`, the types of the HTTP API, from the
 * OpenAPI document that the API makes of its routes. `-- --check`, part of `npm run check`, fails
 * where the file is not the document's. Nothing is opened or listened to for it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@kiln/shared/config';
import { createLogger } from '@kiln/shared/logger';
import { buildApp } from '../../apps/api/src/app.ts';
import type { ApiDeps } from '../../apps/api/src/deps.ts';
import { generateTypes } from '../../packages/client/build/generate-types.ts';

const file = join(import.meta.dirname, '..', '..', 'packages/client/src/openapi.ts');
const head = `/**
 * The HTTP API's types, generated from its OpenAPI document by scripts/studio/client.ts.
 * Do not edit: run \`npm run client\`.
 */
`;

const text = head + (await generateTypes(await readDocument()));
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error(
    "packages/client/src/openapi.ts is not the API's: its routes or schemas have changed. Run " +
      'npm run client, and commit the file.',
  );
  process.exit(1);
}

/** Routes use what their handlers need when they are called, so nothing has to be opened. */
async function readDocument(): Promise<object> {
  const config = parseConfig({
    DATABASE_URL: 'postgres://none',
    KILN_SIMULATOR_URL: 'http://127.0.0.1',
    KILN_STUDIO: 'off',
  });
  const stopping = new AbortController().signal;
  const unopened = standIn({ jobs: { config }, stopping, studioFolder: null });
  const app = await buildApp(
    unopened as ApiDeps,
    createLogger({ name: 'client', level: 'silent' }),
  );
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

/** Answers every name that is not in `known` with another stand-in. */
function standIn(known: Readonly<Record<string, unknown>>): object {
  return new Proxy(known, {
    get: (target, name) => (name in target ? target[String(name)] : standIn({})),
  });
}
