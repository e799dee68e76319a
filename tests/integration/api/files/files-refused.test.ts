/**
 * `POST /v1/files`: an upload that is refused or breaks off leaves neither a file nor an object.
 */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { countLeft, field, filePart, openUpload, post, toBody, type RawPart } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const batch = field('purpose', 'batch');
const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(300)]);
/** JSONL with characters beyond ASCII, typed as `fetch` accepts it. */
const rows = '{"prompt": "朝霧"}\n'.repeat(1_000);

describe('a refusal leaves neither a file nor an object', () => {
  let before: Awaited<ReturnType<typeof countLeft>>;
  beforeAll(async () => {
    before = await countLeft(kiln);
  });

  const refused = (...parts: RawPart[]) => toBody(parts);
  const purpose = (value: string) => field('purpose', value);
  const large = Buffer.alloc(50_000_001 - png.length);
  const picture = filePart(Buffer.concat([png, large]));
  test.each<[string, Buffer, object, RegExp]>([
    ['no file', refused(batch), { param: 'file' }, /^file: is missing; send the file as "file"$/],
    ['no purpose', refused(filePart(rows)), { param: 'purpose' }, /^purpose: is missing/],
    ['nothing', refused(), { param: 'purpose' }, /^purpose: is missing/],
    ['an empty body', Buffer.alloc(0), { param: 'purpose' }, /^purpose: is missing/],
    [
      'an empty file',
      refused(batch, filePart('')),
      { param: 'file' },
      /^file: received 0 bytes; it must not be empty$/,
    ],
    [
      'an unknown purpose',
      refused(purpose('assistants'), filePart(rows)),
      { param: 'purpose' },
      /^purpose: received "assistants"; it takes batch, vision$/,
    ],
    [
      'an unknown purpose after the file',
      refused(filePart(rows), purpose('assistants')),
      { param: 'purpose' },
      /^purpose: received "assistants"; it takes batch, vision$/,
    ],
    [
      "Kiln's own purpose",
      refused(purpose('batch_output'), filePart(rows)),
      { param: 'purpose' },
      /it takes batch, vision$/,
    ],
    [
      'two purposes',
      refused(batch, filePart(rows), batch),
      { param: 'purpose' },
      /^purpose: received two values/,
    ],
    [
      'two files',
      refused(batch, filePart(rows), filePart(rows)),
      { param: 'file' },
      /^file: received two files/,
    ],
    [
      'a file in a field of another name',
      refused(batch, ['name="rows"; filename="rows.jsonl"', rows]),
      { code: 'unknown_parameter', param: 'rows' },
      /expected "file"$/,
    ],
    [
      'text in place of the file',
      refused(batch, field('file', rows)),
      { param: 'file' },
      /^file: received text/,
    ],
    [
      'a field without a name',
      refused(batch, filePart(rows), ['x="y"', 'z']),
      { code: 'unknown_parameter' },
      /is not a known field/,
    ],
    [
      'a file without a field name',
      refused(batch, ['filename="rows.jsonl"', rows]),
      { code: 'unknown_parameter' },
      /expected "file"$/,
    ],
    [
      'an unknown field',
      refused(batch, filePart(rows), field('colour', 'red')),
      { code: 'unknown_parameter', param: 'colour' },
      /^colour: is not a known field; the known fields are file, purpose, expires_after$/,
    ],
    [
      'a field named __proto__',
      refused(batch, filePart(rows), field('__proto__', 'x')),
      { code: 'unknown_parameter' },
      /unknown field/,
    ],
    [
      'a member named __proto__',
      refused(batch, filePart(rows), field('expires_after[__proto__]', 'x')),
      { code: 'unknown_parameter' },
      /expires_after/,
    ],
    [
      'too many fields',
      refused(
        batch,
        filePart(rows),
        ...Array.from({ length: 25 }, (_, index) => field(`f${index}`, 'x')),
      ),
      {},
      /more (fields|parts)/,
    ],
    [
      'a field that is too long',
      refused(filePart(rows), purpose('x'.repeat(5_000))),
      { param: 'purpose' },
      /^purpose: is too long/,
    ],
    [
      'an expiry that is too soon',
      refused(
        batch,
        field('expires_after[anchor]', 'created_at'),
        field('expires_after[seconds]', '3599'),
        filePart(rows),
      ),
      { param: 'expires_after.seconds' },
      /at least 3,600/,
    ],
    [
      'an expiry that is too late',
      refused(
        batch,
        field('expires_after[anchor]', 'created_at'),
        field('expires_after[seconds]', '2592001'),
        filePart(rows),
      ),
      { param: 'expires_after.seconds' },
      /at most 2,592,000/,
    ],
    [
      'an expiry without its anchor',
      refused(batch, field('expires_after[seconds]', '3600'), filePart(rows)),
      { param: 'expires_after.anchor' },
      /^expires_after\.anchor: /,
    ],
    [
      'an expiry with another anchor',
      refused(
        batch,
        field('expires_after[anchor]', 'last_used'),
        field('expires_after[seconds]', '3600'),
        filePart(rows),
      ),
      { param: 'expires_after.anchor' },
      /it takes created_at$/,
    ],
    [
      'a gif for vision',
      refused(purpose('vision'), filePart('GIF89a, which no provider takes')),
      { code: 'image_format_unsupported', param: 'file' },
      /^file: is a gif by its first bytes; png, jpeg and webp are accepted$/,
    ],
    [
      'a text for vision, whose purpose comes after the file',
      refused(filePart('PNG'), purpose('vision')),
      { code: 'image_format_unsupported', param: 'file' },
      /^file: is text by its first bytes; png, jpeg and webp are accepted$/,
    ],
    [
      'a picture that is one byte too large',
      refused(purpose('vision'), picture),
      { status: 413, code: 'file_too_large', param: 'file' },
      /^file: is too large; a file for "vision" may have at most 50,000,000 bytes$/,
    ],
    [
      'a picture that is too large, before its purpose',
      refused(picture, purpose('vision')),
      { status: 413, code: 'file_too_large', param: 'file' },
      /at most 50,000,000 bytes$/,
    ],
    [
      'a form without its closing line',
      toBody([batch, filePart(rows)], false),
      {},
      /^the body: not a complete multipart form/,
    ],
    [
      'a form that ends inside a boundary',
      Buffer.concat([toBody([batch, filePart(rows)], false), Buffer.from('--between')]),
      {},
      /^the body: not a complete multipart form/,
    ],
    [
      'a form that ends inside a header',
      Buffer.from('--between-the-parts\r\ncontent-dispo'),
      {},
      /^the body: not a complete multipart form/,
    ],
    ['a body that is JSON', Buffer.from('{"purpose": "batch"}'), {}, /./],
  ])('%s', async (_what, body, expected, message) => {
    const response = await post(kiln, body, { 'idempotency-key': 'refused' });
    expect(response.headers.get('x-should-retry')).toBe('false');
    const error = await readError(response);
    expect(error).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      code: 'invalid_request',
      ...expected,
    });
    expect(error.message).toMatch(message);
    expect(await countLeft(kiln)).toEqual(before);
  });

  test.each([
    ['before its purpose', false],
    ['after its purpose', true],
  ])('a file that is one byte too large for any purpose, %s', async (_where, isKnown) => {
    const content = filePart(Buffer.alloc(200_000_001, 0x61));
    const response = await post(kiln, toBody(isKnown ? [batch, content] : [content, batch]));
    const error = await readError(response);
    expect(error).toMatchObject({ status: 413, code: 'file_too_large', param: 'file' });
    expect(error.message).toBe(
      `file: is too large; a file${isKnown ? ' for "batch"' : ''} may have at most 200,000,000 ` +
        'bytes',
    );
    expect(await countLeft(kiln)).toEqual(before);
  });

  test.each([
    ['JSON', 'application/json', '{"purpose":"batch"}'],
    ['URL-encoded form fields', 'application/x-www-form-urlencoded', 'purpose=batch'],
    ['text', 'text/plain', 'rows'],
  ])('a body that is not a multipart form: %s', async (_what, contentType, body) => {
    const response = await kiln.request('/v1/files', {
      method: 'POST',
      body,
      headers: { 'content-type': contentType },
    });
    const error = await readError(response);
    expect(error).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
      param: 'content-type',
    });
    expect(error.message).toMatch(/this route accepts multipart\/form-data$/);
  });

  test('a form without its boundary', async () => {
    const body = toBody([batch, filePart(rows)]);
    const error = await readError(
      await post(kiln, body, { 'content-type': 'multipart/form-data' }),
    );
    expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test('a form sent to a route that takes JSON', async () => {
    const body = toBody([field('prompt', 'A boat')]);
    const response = await kiln.request('/v1/jobs', {
      method: 'POST',
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=between-the-parts' },
    });
    expect(await readError(response)).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
  });

  test('a caller that reads only after it has sent everything gets the refusal', async () => {
    const body = toBody([purpose('assistants'), filePart(Buffer.alloc(20_000_000))]);
    const socket = openUpload(kiln, body.length);
    await new Promise<void>((resolve, reject) =>
      socket.write(body, (error) => (error ? reject(error) : resolve())),
    );
    // The connection stays usable: another request on it is answered.
    socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 400 [^]*"param":"purpose"[^]*HTTP\/1\.1 200 [^]*"status":"ok"/,
    );
    expect(await countLeft(kiln)).toEqual(before);
  });

  test.each([
    ['in the middle of the file', 0.5],
    ['a byte before the end', 1],
  ])('a connection that is cut %s', async (_where, share) => {
    const body = toBody([filePart(Buffer.alloc(3_000_000, 1)), batch]);
    const sent = body.subarray(0, Math.min(body.length - 5, Math.floor(body.length * share)));
    const socket = openUpload(kiln, body.length);
    const temporary = join(kiln.dataDir, 'objects', '.tmp');
    socket.write(sent);
    await waitFor(
      async () =>
        (await countFiles(temporary)) > 0 || (await countLeft(kiln)).objects > before.objects,
      { what: 'the upload to have begun' },
    );
    socket.destroy();
    await waitFor(
      async () =>
        (await countFiles(temporary)) === 0 &&
        JSON.stringify(await countLeft(kiln)) === JSON.stringify(before),
      { what: 'nothing to be left' },
    );
  });
});

async function countFiles(folder: string): Promise<number> {
  return (await readdir(folder)).length;
}
