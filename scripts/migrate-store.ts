/**
 * `npm run migrate-store -- <from> <to> [--compare size|bytes]`: copies every object of one store
 * to another, both named as in `STORAGE_URL`. Each copy is read back and compared. Objects that
 * exist already with the same size stay, so an interrupted run is simply repeated; `--compare
 * bytes` compares those by their bytes. Prints the differences and exits with code 1 if there are
 * any. Deletes nothing.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readProxies } from '@kiln/shared/config/proxies';
import { readSecretFiles } from '@kiln/shared/config/secret-files';
import { readStorage } from '@kiln/shared/config/storage';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { migrate } from './migrate-store/migrate.ts';
import { readEnvFile } from './start/read-env.ts';

// The copies are as private as the files that Kiln writes.
process.umask(0o077);

const usage = 'npm run migrate-store -- <from> <to> [--compare size|bytes]';
const { values, positionals } = parseArgs({
  options: { compare: { type: 'string', default: 'size' } },
  allowPositionals: true,
});
const [fromUrl, toUrl, ...others] = positionals;
const { compare } = values;
if (fromUrl === undefined || toUrl === undefined || others.length > 0)
  fail(`two stores are needed: ${usage}`);
if (fromUrl === toUrl) fail('both stores are the same');
if (compare !== 'size' && compare !== 'bytes')
  fail(`--compare is "${compare}"; allowed: size or bytes`);

// Like `npm start`, the shell takes precedence over `.env`. The SDK of S3 reads this process's
// environment.
for (const [name, value] of Object.entries(readEnvFile(join(import.meta.dirname, '..', '.env'))))
  process.env[name] ??= value;
const secretProblems: string[] = [];
Object.assign(process.env, readSecretFiles(process.env, secretProblems));
if (secretProblems.length > 0) fail(secretProblems.join('\n'));

try {
  const from = await open(fromUrl, 'the first store');
  const to = await open(toUrl, 'the second store');
  await to.check();
  console.log(`from ${from.name} to ${to.name}`);
  const report = await migrate(from, to, compare, (line) => console.log(line));
  if (report.copied + report.there + report.differences.length === 0)
    throw new Error(`${from.name} contains nothing to copy: is it the right store?`);
  for (const difference of report.differences) console.error(difference);
  for (const key of report.foreign) console.log(`skipped, because Kiln makes no such key: ${key}`);
  console.log(
    `${report.copied} copied and read back (${report.copiedBytes} bytes), ${report.there} ` +
      `existed already, ${report.differences.length} differ`,
  );
  await Promise.all([from.close(), to.close()]);
  process.exit(report.differences.length > 0 ? 1 : 0);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

async function open(url: string, which: string): Promise<ObjectStore> {
  const problems: string[] = [];
  const settings = readStorage({ ...process.env, STORAGE_URL: url }, problems);
  const proxies = readProxies(process.env, problems, []);
  if (settings === null || problems.length > 0)
    throw new Error(problems.map((problem) => problem.replace(/^STORAGE_URL/, which)).join('\n'));
  return openObjectStore(settings, proxies);
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
