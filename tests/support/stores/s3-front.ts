/**
 * A proxy that adds what s3rver lacks: conditional writes (`If-None-Match: *`, for objects written
 * through it) and aborting multipart uploads. It answers as AWS documents; only a run on a real
 * server proves what those do.
 */
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { atEndOfFile } from '../end-of-file.ts';

export interface S3Front {
  url: string;
  /** Uploads that were begun, and neither completed nor aborted. */
  openUploads(): string[];
  /** Number of writes that were refused because the key existed. */
  refusals(): number;
  /** Makes the next write of the key conflict with another one. */
  conflictOnce(key: string): void;
  /** Refuses to copy the key from now on. */
  refuseCopies(key: string): void;
  /** Sets how uploads of the key in parts are completed from now on. */
  completeWith(key: string, how: Completion): void;
}

/**
 * Holds the answer until `released` resolves. If that never happens the answer is lost, although
 * the object exists.
 */
export interface Completion {
  /** Called when the parts have become an object. */
  onMade(): void;
  released: Promise<void>;
}

export async function openS3Front(serverUrl: string): Promise<S3Front> {
  const target = new URL(serverUrl);
  const [written, conflicts, uploads] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const uncopied = new Set<string>();
  const completions = new Map<string, Completion>();
  let refusals = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', serverUrl);
    const body = await buffer(request);
    const [key, uploadId] = [url.pathname, url.searchParams.get('uploadId')];
    const isWrite =
      (request.method === 'PUT' && uploadId === null) ||
      (request.method === 'POST' && uploadId !== null);
    if (request.method === 'DELETE' && uploadId !== null) {
      uploads.delete(uploadId);
      return void response.writeHead(204).end();
    }
    const isCopy = request.headers['x-amz-copy-source'] !== undefined;
    if (isCopy && [...uncopied].some((name) => key.endsWith(name))) {
      refuse(response, 501, 'NotImplemented');
      return;
    }
    if (isWrite && request.headers['if-none-match'] === '*') {
      const isConflict = [...conflicts].some(
        (name) => key.endsWith(name) && conflicts.delete(name),
      );
      if (isConflict) {
        refuse(response, 409, 'ConditionalRequestConflict');
        return;
      }
      if (written.has(key)) {
        refusals += 1;
        refuse(response, 412, 'PreconditionFailed');
        return;
      }
      written.add(key); // before it is written, so that one of two concurrent writes is refused
    }
    const { status, headers, answered } = await forward(request, url, body);
    if (isWrite && status === 200) written.add(key);
    if (isWrite && status === 200 && uploadId !== null) uploads.delete(uploadId);
    if (request.method === 'DELETE') written.delete(key);
    const held = request.method === 'POST' && uploadId !== null ? completionOf(key) : undefined;
    held?.onMade();
    await held?.released;
    const begun = /<UploadId>(.+?)<\/UploadId>/.exec(
      url.searchParams.has('uploads') ? answered.toString() : '',
    );
    if (begun?.[1] !== undefined) uploads.add(begun[1]);
    response.writeHead(status, headers).end(answered);
  }

  function completionOf(key: string): Completion | undefined {
    return completions.entries().find(([name]) => key.endsWith(name))?.[1];
  }

  async function forward(request: IncomingMessage, url: URL, body: Buffer) {
    const forwarded = httpRequest({
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: url.pathname + url.search,
      headers: request.headers, // the signature covers the host
    });
    forwarded.end(body);
    const [received] = (await once(forwarded, 'response')) as [IncomingMessage];
    return {
      status: received.statusCode ?? 0,
      headers: received.headers,
      answered: request.method === 'HEAD' ? Buffer.alloc(0) : await buffer(received),
    };
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEndOfFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    openUploads: () => [...uploads],
    refusals: () => refusals,
    conflictOnce: (key) => void conflicts.add(key),
    refuseCopies: (key) => void uncopied.add(key),
    completeWith: (key, how) => void completions.set(key, how),
  };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const error = `<Code>${code}</Code><Message>refused by the front</Message>`;
  const body = `<?xml version="1.0"?><Error>${error}</Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}
