/**
 * Runs before every test file that uses engines. Its hook is registered first, so it runs last,
 * after the file's own hooks.
 */
import { afterAll } from 'vitest';
import { hasFailed, runEndOfFile } from './end-of-file.ts';

afterAll(async ({}, file) => {
  await runEndOfFile(hasFailed(file) ? 'failed' : 'passed');
});
