/** Faults below HTTP: what a client sees when a connection fails rather than a server. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Effect } from './catalogue.ts';

export interface WireAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** Ways in which a connection can break; `Effect` defines each. */
export type Breakage = Exclude<Effect['kind'], 'answer' | 'delay' | 'spelled'>;

/**
 * Takes the reply over from Fastify for good. `answer` is the answer without the fault, for the
 * faults that send part of it.
 */
export function breakConnection(
  kind: Breakage,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: WireAnswer | null,
  intervalMs: number,
): void {
  reply.hijack();
  const { socket } = request.raw;
  // The client may have disconnected already; write errors after that are expected.
  reply.raw.on('error', () => undefined);
  if ((kind === 'cut-answer' || kind === 'slow-body') && answer !== null) {
    writeHead(reply, answer);
    if (kind === 'slow-body') trickle(reply, answer.body, intervalMs);
    else cut(reply, answer);
    return;
  }
  switch (kind) {
    case 'hang':
      return;
    case 'reset':
    case 'reset-before-read':
      socket.resetAndDestroy();
      return;
    case 'close':
      socket.destroySoon();
      return;
    case 'cut-answer':
    case 'slow-body':
      throw new Error(`${kind} needs an answer to spoil`);
  }
}

function cut(reply: FastifyReply, answer: WireAnswer): void {
  const half = answer.body.subarray(0, Math.ceil(answer.body.length / 2));
  reply.raw.write(half, () => reply.raw.socket?.destroy());
}

function writeHead(reply: FastifyReply, { status, headers, body }: WireAnswer): void {
  reply.raw.writeHead(status, { ...headers, 'content-length': body.length });
}

/** Sends the rest of an answer whose headers were written, one byte per interval. */
export function trickle(reply: FastifyReply, body: Buffer, intervalMs: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    reply.raw.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent < body.length) return;
    clearInterval(timer);
    reply.raw.end();
  }, intervalMs);
  reply.raw.once('close', () => clearInterval(timer));
}
