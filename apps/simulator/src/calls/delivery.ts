/** Sends an answer with the ids that every answer of the real services carries. */
import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { Answer } from '../faces/answer.ts';
import type { WireAnswer } from '../faults/network.ts';
import type { Call } from './call.ts';

export function sendAnswer(
  reply: FastifyReply,
  { status, headers, body }: WireAnswer,
): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

export function toWireAnswer({ requestId }: Call, { status, headers, body }: Answer): WireAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type =
    typeof body !== 'string'
      ? 'application/json'
      : text.startsWith('<')
        ? 'text/html'
        : 'text/plain';
  return {
    status,
    headers: {
      'content-type': type,
      ...fillDates(headers),
      'x-request-id': requestId,
      'apim-request-id': randomUUID(),
    },
    body: Buffer.from(text),
  };
}

/** Replaces `<HTTP date 30 s ahead>`, as the recorded cases write it, by that date. */
function fillDates(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const ahead = /^<HTTP date (\d+) s ahead>$/.exec(value)?.[1];
      return [
        name,
        ahead === undefined ? value : new Date(Date.now() + Number(ahead) * 1000).toUTCString(),
      ];
    }),
  );
}
