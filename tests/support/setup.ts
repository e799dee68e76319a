/**
 * Runs in front of every test file that uses engines. Registered first, its hook runs last: after
 * the file's own.
 */
import { afterAll } from 'vitest';
import { hasFailed, runEndOfFile } from './end-of-file.ts';

afterAll(async ({}, file) => {
  await runEndOfFile(hasFailed(file) ? 'failed' : 'passed');
});
