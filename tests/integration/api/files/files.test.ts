/** `/v1/files`: uploads come back byte for byte, and deleted files are gone. */
import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listSchema } from '@kiln/shared/schemas/api';
import { fileSchema, type FileObject } from '@kiln/shared/schemas/file';
import { writeFile } from '@kiln/shared/services/files/store-file';
import { beforeAll, describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { paint } from '../../../support/pictures/pictures.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { field, filePart, upload, type RawPart } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const batch = field('purpose', 'batch');
const painted = paint({ width: 30, height: 20 });
const png = await painted.png().toBuffer();
const jpeg = await painted.jpeg().toBuffer();
const webp = await painted.webp().toBuffer();
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const contentOf = async (id: string) =>
  Buffer.from(await (await kiln.request(`/v1/files/${id}/content`)).arrayBuffer());
/** JSONL with characters beyond ASCII, typed as `fetch` accepts it. */
const rows = '{"prompt": "朝霧"}\n'.repeat(1_000);

describe('an upload', () => {
  test('comes back byte for byte, whatever its bytes', async () => {
    // Include line breaks and dashes, of which a boundary consists, among bytes of any value.
    const bytes = Buffer.concat([
      randomBytes(100_000),
      Buffer.from('\r\n--between-the-part\r\n--'),
      randomBytes(70_001),
    ]);
    const file = await upload(kiln, [batch, filePart(bytes)]);
    expect(file).toMatchObject({ bytes: bytes.length, filename: 'rows.jsonl', purpose: 'batch' });
    expect((await contentOf(file.id)).equals(bytes)).toBe(true);
    const row = await kiln.deps.records.pool.query('select sha256 from kiln.files where id = $1', [
      file.id,
    ]);
    expect(row.rows).toEqual([{ sha256: sha256(bytes) }]);
  });

  test.each<[string, RawPart[]]>([
    [
      'before the file',
      [
        field('purpose', 'vision'),
        field('expires_after[anchor]', 'created_at'),
        field('expires_after[seconds]', '3600'),
        filePart(png),
      ],
    ],
    [
      'after the file',
      [
        filePart(png),
        field('expires_after[seconds]', '3600'),
        field('purpose', 'vision'),
        field('expires_after[anchor]', 'created_at'),
      ],
    ],
    [
      'on both sides of the file',
      [
        field('expires_after[seconds]', '3600'),
        filePart(png),
        field('expires_after[anchor]', 'created_at'),
        field('purpose', 'vision'),
      ],
    ],
  ])('reads its fields %s', async (_where, parts) => {
    const file = await upload(kiln, parts);
    expect(file).toMatchObject({ purpose: 'vision', expires_at: file.created_at + 3_600 });
  });

  test.each([
    ['a path', '../../etc/rows.jsonl', 'rows.jsonl'],
    ['a Windows path', String.raw`C:\\Users\\rows.jsonl`, 'rows.jsonl'],
    ['the parent folder', '..', 'file'],
    ['Japanese', '依頼一覧.jsonl', '依頼一覧.jsonl'],
    ['Japanese in decomposed form', 'カ\u3099.csv', 'ガ.csv'],
    ['control characters', 'ro\u0007ws\u007f.jsonl', 'rows.jsonl'],
    ['a direction mark that hides an extension', 'rows\u202elnosj.exe', 'rowslnosj.exe'],
    ['quotes and semicolons', String.raw`a\"b; c.jsonl`, 'a"b; c.jsonl'],
    ['300 letters', `${'a'.repeat(300)}.jsonl`, `${'a'.repeat(249)}.jsonl`],
    ['300 characters of three bytes', `${'朝'.repeat(300)}.csv`, `${'朝'.repeat(83)}.csv`],
    ['no name', '', 'file'],
  ])('gets a harmless name: %s', async (_what, given, filename) => {
    expect(await upload(kiln, [batch, filePart(rows, given)])).toMatchObject({ filename });
  });

  test('may have its name in the encoding of RFC 5987', async () => {
    const name = `UTF-8''${encodeURIComponent('依頼.jsonl')}`;
    const file = await upload(kiln, [batch, [`name="file"; filename*=${name}`, rows]]);
    expect(file.filename).toBe('依頼.jsonl');
  });

  test.each([
    ['rows.jsonl', rows, 'batch', 'application/jsonl'],
    ['ROWS.CSV', 'prompt\n朝霧\n', 'batch', 'text/csv'],
    ['page.html', '<script>alert(1)</script>', 'batch', 'application/octet-stream'],
    ['picture.html', png, 'vision', 'image/png'],
    ['picture', jpeg, 'vision', 'image/jpeg'],
    ['picture.webp', webp, 'vision', 'image/webp'],
  ])(
    '%s has the type of its bytes or its name, whatever type the caller sent',
    async (name, content, purpose, type) => {
      const part = filePart(content, name, 'content-type: text/html');
      const { id } = await upload(kiln, [field('purpose', purpose), part]);
      const { headers } = await kiln.request(`/v1/files/${id}/content`);
      expect(headers.get('content-type')).toBe(type);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    },
  );

  test('may be of any size up to the limit', async () => {
    const { id, bytes } = await upload(kiln, [batch, filePart('x')]);
    expect([bytes, (await contentOf(id)).toString()]).toEqual([1, 'x']);
    const largest = Buffer.concat([png, Buffer.alloc(50_000_000 - png.length)]);
    expect(await upload(kiln, [filePart(largest), field('purpose', 'vision')])).toMatchObject({
      bytes: 50_000_000,
    });
  });
});

describe('the content of a file', () => {
  let file: FileObject;
  const bytes = Buffer.from(rows);
  beforeAll(async () => {
    file = await upload(kiln, [batch, filePart(bytes, '依頼 (1).csv')]);
  });
  const get = (headers: Record<string, string> = {}) =>
    kiln.request(`/v1/files/${file.id}/content`, { headers });

  test('is sent with a file name, and caches must revalidate it', async () => {
    const { status, headers } = await get();
    expect(status).toBe(200);
    expect(headers.get('content-length')).toBe(String(bytes.length));
    expect(headers.get('etag')).toBe(`"${sha256(bytes)}"`);
    expect(headers.get('accept-ranges')).toBe('bytes');
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="__ (1).csv"; filename*=UTF-8''%E4%BE%9D%E9%A0%BC%20%281%29.csv`,
    );
  });

  test('is not sent again to a caller who has it', async () => {
    const response = await get({ 'if-none-match': `"${sha256(bytes)}"` });
    expect([response.status, await response.text()]).toEqual([304, '']);
  });

  test.each([
    ['bytes=0-9', 0, 9],
    ['bytes=100-', 100, bytes.length - 1],
    ['bytes=-7', bytes.length - 7, bytes.length - 1],
  ])('is sent in part: %s', async (range, start, end) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/${bytes.length}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end + 1))).toBe(
      true,
    );
  });

  test('has no range beyond its end', async () => {
    const response = await get({ range: 'bytes=999999-' });
    expect(response.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
    const error = await readError(response);
    expect(error).toMatchObject({ status: 416, code: 'range_not_satisfiable', param: 'Range' });
    expect(error.message).toBe(
      `Range: received "bytes=999999-"; the file has ${bytes.length} bytes`,
    );
  });

  test('has its length in the answer to HEAD, which has no bytes', async () => {
    const response = await kiln.request(`/v1/files/${file.id}/content`, { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(await response.text()).toBe('');
  });

  test('that is missing from the store is a 500', async () => {
    const lost = await upload(kiln, [batch, filePart(rows)]);
    await rm(join(kiln.dataDir, 'objects', 'files', lost.id.slice(-2), lost.id));
    const response = await kiln.request(`/v1/files/${lost.id}/content`);
    expect(response.headers.get('etag')).toBeNull();
    expect(await readError(response)).toMatchObject({ status: 500, code: 'file_missing' });
    expect((await kiln.request(`/v1/files/${lost.id}`, { method: 'DELETE' })).status).toBe(200);
  });
});

describe('a list', () => {
  test('has every file once, in pages, in either order, filtered by purpose', async () => {
    const made = [
      await upload(kiln, [batch, filePart(rows)]),
      await upload(kiln, [field('purpose', 'vision'), filePart(png, 'a.png')]),
      await upload(kiln, [batch, filePart(rows)]),
      await upload(kiln, [batch, filePart(rows)]),
    ];
    const written = await writeFile(
      { ...kiln.deps, db: kiln.deps.records.db },
      { project_id: 'default', purpose: 'batch_output', filename: 'out.jsonl' },
      (async function* () {
        yield await Promise.resolve(Buffer.from('{}\n'));
      })(),
    );
    const [first] = made;
    const list = async (query: Record<string, string>) => {
      const response = await kiln.request(`/v1/files?${new URLSearchParams(query).toString()}`);
      return listSchema(fileSchema).parse(await response.json());
    };
    const ids: string[] = [];
    let after = first?.id ?? '';
    for (let hasMore = true; hasMore;) {
      const page = await list({ limit: '2', order: 'asc', after });
      expect(page.first_id).toBe(page.data[0]?.id);
      ids.push(...page.data.map(({ id }) => id));
      after = page.last_id ?? '';
      hasMore = page.has_more;
    }
    expect(ids).toEqual([...made.slice(1).map(({ id }) => id), written.id]);
    expect((await list({ limit: '3' })).data.map(({ id }) => id)).toEqual(
      ids.toReversed().slice(0, 3),
    );
    expect((await list({ purpose: 'batch_output' })).data).toMatchObject([
      { id: written.id, bytes: 3, purpose: 'batch_output' },
    ]);
    expect(await list({ purpose: 'fine-tune' })).toMatchObject({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['order=up', 'order'],
    ['colour=red', 'colour'],
  ])('refuses %s', async (query, param) => {
    expect(await readError(await kiln.request(`/v1/files?${query}`))).toMatchObject({
      status: 400,
      param,
    });
  });
});

describe('deleting', () => {
  const remove = (id: string) => kiln.request(`/v1/files/${id}`, { method: 'DELETE' });
  const batchOn = (id: string, status: string, column = 'input_file_id') =>
    kiln.deps.records.pool.query(
      `insert into kiln.batches (id, project_id, status, endpoint, input_file_id,
         ${column === 'input_file_id' ? 'metadata' : column})
       values ($1, 'default', $2, '/v1/images/generations', $3,
         ${column === 'input_file_id' ? "'{}'" : '$4'})`,
      [
        `batch_${id}`,
        status,
        column === 'input_file_id' ? id : spare.id,
        ...(column === 'input_file_id' ? [] : [id]),
      ],
    );
  let spare: FileObject;
  beforeAll(async () => {
    spare = await upload(kiln, [batch, filePart(rows)]);
  });

  test('deletes the file and its object', async () => {
    const { id } = await upload(kiln, [batch, filePart(rows)]);
    const response = await remove(id);
    expect([response.status, await response.json()]).toEqual([
      200,
      { id, object: 'file', deleted: true },
    ]);
    for (const path of ['', '/content']) {
      const error = await readError(await kiln.request(`/v1/files/${id}${path}`));
      expect(error).toMatchObject({ status: 404, code: 'file_not_found', param: 'id' });
      expect(error.message).toBe(`there is no file "${id}"`);
    }
    expect((await remove(id)).status).toBe(404);
    const { data } = (await (await kiln.request('/v1/files')).json()) as { data: FileObject[] };
    expect(data.map((file) => file.id)).not.toContain(id);
    expect(await kiln.deps.store.list(`files/${id.slice(-2)}/${id}`, { limit: 1 })).toEqual([]);
  });

  test('does not cut off a download that has begun', async () => {
    const large = randomBytes(5_000_000);
    const { id } = await upload(kiln, [batch, filePart(large)]);
    const response = await kiln.request(`/v1/files/${id}/content`);
    expect((await remove(id)).status).toBe(200);
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(large));
  });

  test.each(['validating', 'in_progress', 'finalizing', 'cancelling'])(
    'is refused while a batch that needs the file is %s',
    async (status) => {
      for (const column of ['input_file_id', 'output_file_id', 'error_file_id']) {
        const { id } = await upload(kiln, [batch, filePart(rows)]);
        await batchOn(id, status, column);
        const response = await remove(id);
        expect(response.headers.get('x-should-retry')).toBe('false');
        const error = await readError(response);
        expect(error).toMatchObject({ status: 409, code: 'file_in_use', param: 'id' });
        expect(error.message).toMatch(
          new RegExp(`^${id} is needed by batch_${id}, which has not ended`),
        );
        expect((await contentOf(id)).toString()).toBe(rows);
      }
    },
  );

  test.each(['completed', 'failed', 'expired', 'cancelled'])(
    'is possible once the batch is %s',
    async (status) => {
      for (const column of ['input_file_id', 'output_file_id', 'error_file_id']) {
        const { id } = await upload(kiln, [batch, filePart(rows)]);
        await batchOn(id, status, column);
        expect((await remove(id)).status).toBe(200);
        expect((await kiln.request(`/v1/files/${id}`)).status).toBe(404);
      }
    },
  );

  test('waits for a batch that is being created with the file, and is then refused', async () => {
    const { id } = await upload(kiln, [batch, filePart(rows)]);
    const client = await kiln.deps.records.pool.connect();
    try {
      await client.query('begin');
      await client.query(
        'select 1 from kiln.files where id = $1 and deleted_at is null for share',
        [id],
      );
      const removed = remove(id);
      await waitFor(
        async () => {
          const { rows: waiting } = await kiln.deps.records.pool.query(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like " +
              "'%kiln.files%for update%' and datname = current_database()",
          );
          return waiting.length > 0;
        },
        { what: 'the deletion to wait for the batch' },
      );
      await client.query(
        `insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
         values ('batch_race', 'default', 'validating', '/v1/images/generations', $1)`,
        [id],
      );
      await client.query('commit');
      expect((await removed).status).toBe(409);
    } finally {
      client.release();
    }
    expect((await kiln.request(`/v1/files/${id}`)).status).toBe(200);
  });

  test('a file that does not exist is a 404', async () => {
    for (const id of ['file-nowhere', 'job_1', '..%2f..'])
      expect((await remove(id)).status).toBe(404);
  });
});
