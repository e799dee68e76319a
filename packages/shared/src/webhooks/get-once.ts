/**
 * Sends one GET to addresses that `egress.ts` has checked and reads the whole answer, up to a limit
 * of bytes and of time. The connection can go to no other address, whatever the name resolves to by
 * then. It follows no redirect and does not retry.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createAnswerDeadline } from '../network/answer-deadline.ts';
import { connectionOptions, type CheckedConnection } from './connection-options.ts';

export interface CheckedGet extends CheckedConnection {
  headers: Record<string, string>;
  /** A longer body is given up. */
  maxBytes: number;
  /** Covers the time until the last byte. */
  timeoutMs: number;
  signal: AbortSignal;
}

export type GetOutcome =
  | { status: 'answered'; httpStatus: number; location: string | null; body: Buffer }
  /** It will fail again; the reason continues a sentence about the host. */
  | { status: 'refused'; reason: string }
  /** It may pass; the error does not contain the address. */
  | { status: 'failed'; error: string };

/** Never throws; an abort is a failure. */
export async function getOnce(get: CheckedGet): Promise<GetOutcome> {
  const { target, headers, maxBytes, timeoutMs, signal } = get;
  const isHttps = target.url.protocol === 'https:';
  const limit = createAnswerDeadline(Math.max(0, Math.ceil(timeoutMs)));
  limit.touch();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (isHttps ? httpsRequest : httpRequest)({
    ...connectionOptions(get, isHttps),
    method: 'GET',
    path: `${target.url.pathname}${target.url.search}`,
    headers: { 'accept-encoding': 'identity', ...headers, host: target.url.host },
    signal: AbortSignal.any([limit.signal, signal]),
  });
  try {
    request
      .once('response', resolve)
      .once('upgrade', () => reject(new Error('the answer is of another protocol')))
      .on('error', reject)
      .end();
    const response = await promise;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        return { status: 'refused', reason: `sends more than ${maxBytes} bytes` };
      chunks.push(chunk);
    }
    return {
      status: 'answered',
      httpStatus: response.statusCode ?? 0,
      location: response.headers.location ?? null,
      body: Buffer.concat(chunks),
    };
  } catch (error) {
    if (limit.signal.aborted) return { status: 'failed', error: 'the server was too slow' };
    if (signal.aborted) return { status: 'failed', error: 'the call was aborted' };
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { status: 'failed', error: `the connection failed${code && ` (${code})`}` };
  } finally {
    limit.stop();
    request.destroy();
  }
}
