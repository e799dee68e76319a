/** Forms as bytes, so that a test controls the order, the names and the end. */
import { connect, type Socket } from 'node:net';
import { fileSchema, type FileObject } from '@kiln/shared/schemas/file';
import { expect } from 'vitest';
import type { TestKiln } from '../../support/kiln.ts';

export const boundary = 'between-the-parts';

/** A part: its header line and its bytes. */
export type RawPart = [disposition: string, content: string | Buffer, headers?: string];

export function filePart(
  content: string | Buffer,
  filename = 'rows.jsonl',
  headers = 'content-type: application/octet-stream',
): RawPart {
  return [`name="file"; filename="${filename}"`, content, headers];
}

export function field(name: string, value: string): RawPart {
  return [`name="${name}"`, value];
}

/** Builds the form; `isWhole: false` omits the closing line. */
export function toBody(parts: readonly RawPart[], isWhole = true): Buffer {
  return Buffer.concat([
    ...parts.flatMap(([disposition, content, headers]) => [
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; ` +
          `${disposition}\r\n${headers === undefined ? '' : `${headers}\r\n`}\r\n`,
      ),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(isWhole ? `--${boundary}--\r\n` : ''),
  ]);
}

export function post(
  kiln: Pick<TestKiln, 'url'>,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${kiln.url}/v1/files`, {
    method: 'POST',
    body,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...headers },
  });
}

export async function upload(
  kiln: Pick<TestKiln, 'url'>,
  parts: readonly RawPart[],
  headers: Record<string, string> = {},
): Promise<FileObject> {
  const response = await post(kiln, toBody(parts), headers);
  const answer: unknown = await response.json();
  expect([response.status, answer]).toEqual([200, expect.anything()]);
  return fileSchema.parse(answer);
}

/** Sends the beginning of a request that states the length of its body. */
export function openUpload({ url }: Pick<TestKiln, 'url'>, contentLength: number): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /v1/files HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: multipart/form-data; ` +
      `boundary=${boundary}\r\ncontent-length: ${contentLength}\r\n\r\n`,
  );
  return socket;
}

/** Counts what is stored: a refused or interrupted upload must leave nothing. */
export async function countLeft({ deps }: Pick<TestKiln, 'deps'>) {
  const { rows } = await deps.records.pool.query<{ files: number; keys: number }>(
    'select (select count(*)::int from kiln.files) as files, (select count(*)::int from ' +
      'kiln.idempotency_keys) as keys',
  );
  const objects = await deps.store.list('', { limit: 1_000 });
  return { ...rows[0], objects: objects.length };
}
