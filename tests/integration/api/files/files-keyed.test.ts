/** `Idempotency-Key` on `POST /v1/files`: each key makes one file and one object. */
import { fileSchema } from '@kiln/shared/schemas/file';
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { countLeft, field, filePart, post, toBody, type RawPart } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const batch = field('purpose', 'batch');
const rows = '{"prompt": "朝霧"}\n'.repeat(1_000);

describe('an Idempotency-Key', () => {
  const keyed = (key: string, ...parts: RawPart[]) =>
    post(kiln, toBody(parts), { 'idempotency-key': key });

  test('makes one file of a repeated request, in whatever order its parts come', async () => {
    const first = await keyed('same', batch, filePart(rows));
    const answer = await first.text();
    const left = await countLeft(kiln);
    const again = await keyed('same', filePart(rows), batch);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(await again.text()).toBe(answer);
    expect(await countLeft(kiln)).toEqual(left);
  });

  test.each<[string, RawPart[]]>([
    ['content', [batch, filePart(rows.replace('朝', '夕'))]],
    ['name', [batch, filePart(rows, 'other.jsonl')]],
    [
      'time to live',
      [
        batch,
        field('expires_after[anchor]', 'created_at'),
        field('expires_after[seconds]', '3600'),
        filePart(rows),
      ],
    ],
  ])('is refused for a request with another %s', async (what, parts) => {
    await keyed(`other ${what}`, batch, filePart(rows));
    const left = await countLeft(kiln);
    expect(await readError(await keyed(`other ${what}`, ...parts))).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect(await countLeft(kiln)).toEqual(left);
  });

  test('that a file has used is refused for a job', async () => {
    await keyed('job', batch, filePart(rows));
    const response = await kiln.request('/v1/jobs', {
      method: 'POST',
      body: '{"prompt":"A boat"}',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'job' },
    });
    expect(await readError(response)).toMatchObject({ status: 422 });
  });

  test('makes one file when twenty requests arrive at once', async () => {
    const before = await countLeft(kiln);
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => keyed('twenty', batch, filePart(rows))),
    );
    const ids = new Set<string>();
    for (const response of responses) {
      if (response.status === 409)
        expect(await readError(response)).toMatchObject({ code: 'idempotency_in_flight' });
      else ids.add(fileSchema.parse(await response.json()).id);
    }
    expect(ids.size).toBe(1);
    expect(await countLeft(kiln)).toEqual({
      files: (before.files ?? 0) + 1,
      keys: (before.keys ?? 0) + 1,
      objects: before.objects + 1,
    });
  });
});
