/** Sends a request as it is, however odd, and reads its answer. */
import { request as begin, type Agent, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ids } from './ids.ts';
import type { FuzzRequest } from './requests.ts';

export interface Answer {
  status: number;
  type: string;
  headers: IncomingMessage['headers'];
  /** null: the answer is a stream that does not end, or the client hung up. */
  body: Buffer | null;
  ms: number;
}

export type Outcome =
  | { status: 'answered'; answer: Answer }
  /** The client hung up, as it was meant to. */
  | { status: 'hung_up' }
  /** The client could not send the request: Node refuses to write it. */
  | { status: 'unsendable' }
  | { status: 'no_answer'; reason: string };

/** The longest that an answer may take. */
const longestAnswerMs = 5_000;
/** A request that asks to wait for pictures is given up by its client after this time. */
const patienceMs = 2_000;
/** How long an event stream is read. */
const streamMs = 20;

export interface Target {
  url: URL;
  agent: Agent;
  ids: Ids;
}

export async function send(target: Target, request: FuzzRequest): Promise<Outcome> {
  const path = pathOf(request, target.ids);
  const body = request.body === null ? null : target.ids.insert(Buffer.from(request.body));
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let outgoing: ReturnType<typeof begin>;
  try {
    outgoing = begin({
      host: target.url.hostname,
      port: target.url.port,
      method: request.operation.method,
      path,
      agent: target.agent,
      headers: {
        ...request.headers,
        ...(body === null ? {} : { 'content-length': String(body.length) }),
      },
    });
  } catch {
    return { status: 'unsendable' };
  }
  const waits = mayWait(request);
  const timer = setTimeout(
    () => {
      resolve(
        waits
          ? { status: 'hung_up' }
          : { status: 'no_answer', reason: `no answer within ${longestAnswerMs} ms` },
      );
      outgoing.destroy();
    },
    waits ? patienceMs : longestAnswerMs,
  );
  outgoing.on('error', (error) => resolve({ status: 'no_answer', reason: String(error) }));
  outgoing.on('response', (incoming) => {
    void readAnswer(incoming, started).then(
      (answer) => resolve({ status: 'answered', answer }),
      (error: unknown) => resolve({ status: 'no_answer', reason: String(error) }),
    );
  });
  if (request.hangUp === 'sending' && body !== null && body.length > 1) {
    outgoing.write(body.subarray(0, body.length >> 1));
    await delay(5);
    resolve({ status: 'hung_up' });
    outgoing.destroy();
  } else {
    outgoing.end(body ?? undefined);
    if (typeof request.hangUp === 'number') {
      await delay(request.hangUp);
      resolve({ status: 'hung_up' });
      outgoing.destroy();
    }
  }
  return promise.finally(() => clearTimeout(timer));
}

async function readAnswer(incoming: IncomingMessage, started: number): Promise<Answer> {
  const type = incoming.headers['content-type'] ?? '';
  const answer = { status: incoming.statusCode ?? 0, type, headers: incoming.headers };
  const isStream = type.startsWith('text/event-stream');
  const timer = isStream ? setTimeout(() => incoming.destroy(), streamMs) : undefined;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch (error) {
    if (!isStream) throw error;
  } finally {
    clearTimeout(timer);
  }
  const body = isStream ? null : Buffer.concat(chunks);
  return { ...answer, body, ms: performance.now() - started };
}

/** The path as it is sent. What HTTP cannot carry is encoded, and nothing else. */
export function pathOf({ operation, path, query }: FuzzRequest, ids: Ids): string {
  const values = path.map((value) =>
    typeof value === 'string' ? value : ids.ofPath(operation.path, value.known),
  );
  let next = 0;
  const filled = operation.path.replaceAll(/\{\w+\}/g, () => values[next++] ?? '');
  return `${filled}${ids.insertText(query)}`.replaceAll(/[^\x21-\x7e]/gu, (character) =>
    encodeURIComponent(character.toWellFormed()),
  );
}

function mayWait({ operation, headers }: FuzzRequest): boolean {
  const isWaiting = /wait=/.test(headers['prefer'] ?? '');
  const isImage = /\/images\/(generations|edits)$/.test(operation.path);
  return isWaiting || (isImage && !/respond-async/.test(headers['prefer'] ?? ''));
}
