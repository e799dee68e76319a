/** Sends answers in unusual writing, which Fastify would correct. */
import type { FastifyReply } from 'fastify';
import type { WireAnswer } from '../faults/network.ts';
import type { PlainBody, Spelling } from '../faults/spellings.ts';
import type { Decision } from './decision.ts';
import type { Outcome } from './work.ts';

/** How many bytes more than it has an answer announces. */
const missingBytes = 100;

/** The spelling that a call meets; null for an ordinary answer. */
export function spellingOf(decision: Decision): Spelling | null {
  if (decision.status !== 'accepted') return null;
  const effect = decision.fault?.fault.effect;
  if (effect?.kind !== 'spelled') return null;
  const { of } = effect.spelling;
  const isStreamed = decision.parameters.stream !== null;
  return of === 'both' || (of === 'stream') === isStreamed ? effect.spelling : null;
}

/** Changes the body of an answer, and leaves pictures that it loses out of the account. */
export function spellBody(
  outcome: Outcome,
  spelling: Spelling | null,
  serve: (base64: string) => string,
): Outcome {
  if (outcome.answer === null || spelling?.body === undefined) return outcome;
  const body = spelling.body(outcome.answer.body as PlainBody, serve);
  const isSent = (index: number) => body.data[index]?.error === undefined;
  return {
    ...outcome,
    answer: { ...outcome.answer, body },
    account: {
      ...outcome.account,
      image_sha256: outcome.account.image_sha256.filter((_, index) => isSent(index)),
    },
  };
}

/** Takes the reply over from Fastify for good. */
export function sendSpelled(
  reply: FastifyReply,
  { status, headers, body }: WireAnswer,
  { text, headers: changed, ending }: Spelling,
): void {
  const sent = text?.(body.toString()) ?? body;
  reply.hijack();
  reply.raw.on('error', () => undefined);
  reply.raw.writeHead(status, {
    ...changeHeaders(headers, changed),
    ...(ending !== 'cut behind the body' && {
      'content-length':
        Buffer.byteLength(sent) + (ending === 'longer than the body' ? missingBytes : 0),
    }),
  });
  if (ending === undefined) reply.raw.end(sent);
  else reply.raw.write(sent, () => reply.raw.socket?.destroySoon());
}

export function changeHeaders(
  headers: Readonly<Record<string, string>>,
  changed: Spelling['headers'] = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...headers, ...changed }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    ),
  );
}
