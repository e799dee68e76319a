/** `npm run migrate-store` from files to each network store and back, killed on the way. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { text, buffer } from 'node:stream/consumers';
import { openFileStore } from '@kiln/shared/storage/filesystem/file-store';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { describe, expect, onTestFinished, test } from 'vitest';
import { remoteStores, toSettings } from '../../support/stores/object-stores.ts';
import { startProxy } from '../../support/network/proxy.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { createTestBucket } from '../../support/stores/test-stores.ts';
import { waitFor } from '../../support/wait-for.ts';

const script = join(import.meta.dirname, '../../../scripts/migrate-store.ts');
const png = { contentType: 'image/png' };
const objects = 200;
const objectBytes = 50_000;

function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [script, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([output, errors]) => ({ code: child.exitCode, output, errors }),
  );
  return { kill: () => child.kill('SIGKILL'), ended };
}

async function hashes(store: ObjectStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { key } of await store.list('', { limit: 1_000 })) {
    const object = await store.get(key);
    if (object !== null)
      found.set(
        key,
        createHash('sha256')
          .update(await buffer(object.stream))
          .digest('hex'),
      );
  }
  return found;
}

describe.each(remoteStores)('files and %s', (name) => {
  test('a killed run resumes without copying twice, and differences are named', async () => {
    const folder = temporaryFolder('migrate').path;
    const files = `file:${join(folder, 'first')}`;
    const first = await openFileStore(join(folder, 'first'));
    for (let index = 0; index < objects; index += 1)
      await first.put(`images/${index % 10}/job_${index}/1-0.png`, randomBytes(objectBytes), png);
    const place = createTestBucket(name)!;
    const environment = place.environment();
    const remote = await openObjectStore(toSettings(environment));
    const forth = [files, environment.STORAGE_URL];

    // Let some requests pass, then none. s3rver, unlike S3, stores what it has of a request that is
    // cut, so its requests are held as a whole.
    const proxy = await startProxy(place.serverUrl);
    onTestFinished(() => proxy.close());
    let sent = 0;
    const held = new Set<number>();
    proxy.watch(({ direction, bytes, connection }) => {
      if (direction === 'down') return undefined;
      sent += bytes.length;
      const isStart = /^[A-Z]+ \//.test(bytes.toString('latin1', 0, 10));
      if (sent > (objects / 4) * objectBytes && (isStart || name !== 's3')) held.add(connection);
      return held.has(connection) ? new Promise(() => undefined) : undefined;
    });
    const slow = place.environment(new URL(proxy.url).origin);
    const killed = run([files, slow.STORAGE_URL], slow);
    await waitFor(
      async () => (await remote.list('', { limit: objects }).catch(() => [])).length >= 10,
      {
        what: 'some objects to be copied',
      },
    );
    killed.kill();
    await killed.ended;
    const again = await run(forth, environment).ended;
    expect(again).toMatchObject({ code: 0, errors: '' });
    const [, copied, there] =
      /(\d+) copied .* (\d+) existed already, 0 differ/.exec(again.output) ?? [];
    expect(Number(copied) + Number(there)).toBe(objects);
    expect(Number(there)).toBeGreaterThanOrEqual(10);
    expect(Number(copied)).toBeGreaterThan(0);
    expect(await hashes(remote)).toEqual(await hashes(first));

    const back = `file:${join(folder, 'second')}`;
    expect(await run([environment.STORAGE_URL, back], environment).ended).toMatchObject({
      code: 0,
    });
    expect(await hashes(await openFileStore(join(folder, 'second')))).toEqual(await hashes(first));

    const [longer, other] = ['images/1/job_1/1-0.png', 'images/2/job_2/1-0.png'];
    for (const [key, bytes] of [
      [longer, 50_001],
      [other, 50_000],
    ] as const) {
      await remote.delete(key);
      await remote.put(key, randomBytes(bytes), png);
    }
    const bySize = await run(forth, environment).ended;
    expect(bySize).toMatchObject({ code: 1 });
    expect(bySize.errors).toBe(
      `${longer} has 50000 bytes in the first store and 50001 in the second\n`,
    );
    const byBytes = await run([...forth, '--compare', 'bytes'], environment).ended;
    expect(byBytes.code).toBe(1);
    expect(byBytes.errors).toContain(`${other} has other bytes in the second store\n`);
  });
});

const empty = temporaryFolder('empty').path;

test.each([
  [[], 'two stores are needed'],
  [['file:/tmp/a', 'file:/tmp/a'], 'both stores are the same'],
  [
    ['ftp://a', 'file:/tmp/a'],
    'the first store must be file:<folder>, s3://<bucket> or azblob://<container>',
  ],
  [['file:/tmp/a', 's3://bucket?regio=x'], 'the second store has the parameter "regio"'],
  [[`file:${empty}/from`, `file:${empty}/to`], 'contains nothing to copy: is it the right store?'],
  [
    ['file:/tmp/a', 'file:/tmp/b', '--compare', 'hash'],
    '--compare is "hash"; allowed: size or bytes',
  ],
])('%j: %s', async (args, sentence) => {
  const { code, errors } = await run(args, {}).ended;
  expect(code).toBe(1);
  expect(errors).toContain(sentence);
});
