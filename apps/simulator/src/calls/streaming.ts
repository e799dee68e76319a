/**
 * A streamed call: opens when the model takes it up, sends partial images while it works, and ends
 * with the image, an error, or the effect of a fault. Anything before that is answered like a call
 * that is not streamed.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { buildLastEvent, buildPartialEvent, writeEvent } from '../faces/stream-events.ts';
import { breakConnection, trickle } from '../faults/network.ts';
import type { Simulator } from '../simulator.ts';
import type { Call } from './call.ts';
import type { Decision } from './decision.ts';
import { toWireAnswer } from './delivery.ts';
import type { Spelling } from '../faults/spellings.ts';
import { changeHeaders, spellingOf } from './spelled.ts';
import { wait, type Accepted, type Outcome } from './work.ts';

export function opensStream(decision: Decision): decision is Accepted {
  if (decision.status !== 'accepted' || decision.parameters.stream === null) return false;
  return decision.fault === null || decision.fault.fault.opensStream;
}

/** Takes the reply over from Fastify for good. */
export function openStream(call: Call, decision: Accepted, reply: FastifyReply): void {
  const { headers } = toWireAnswer(call, {
    status: 200,
    headers: {
      ...decision.limitHeaders,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    },
    body: '',
  });
  reply.hijack();
  // The client may disconnect at any time; write errors after that are expected.
  reply.raw.on('error', () => undefined);
  reply.raw.writeHead(200, changeHeaders(headers, spellingOf(decision)?.headers));
  reply.raw.flushHeaders();
}

/** Waits for the duration and sends the partial images, evenly spread over it. */
export async function sendPartials(
  durationMs: number,
  { parameters }: Accepted,
  reply: FastifyReply,
  { pictures, settings, closing }: Simulator,
): Promise<void> {
  const count = parameters.stream?.partialImages ?? 0;
  const endsAt = performance.now() + durationMs;
  for (let index = 0; index < count; index++) {
    await wait(endsAt - (durationMs * (count - index)) / (count + 1) - performance.now(), closing);
    const picture = await pictures.drawPartial(parameters, settings, { index, count });
    reply.raw.write(writeEvent(buildPartialEvent(parameters, picture, index)));
  }
  await wait(endsAt - performance.now(), closing);
}

/**
 * Adjusts the ledger entry: the status was already sent, and a stream that was cut delivered no
 * image.
 */
export function accountOfStream({ account, breakage }: Outcome): Outcome['account'] {
  return { ...account, status: 200, ...(breakage === 'cut-answer' && { image_sha256: [] }) };
}

export function endStream(
  { parameters }: Accepted,
  { answer, breakage, intervalMs }: Outcome,
  request: FastifyRequest,
  reply: FastifyReply,
  spelling: Spelling | null,
): void {
  const last = answer === null ? '' : writeEvent(buildLastEvent(answer.body, parameters.edit));
  if (breakage === null) reply.raw.end(spelling?.text?.(last) ?? last);
  else if (breakage === 'cut-answer') reply.raw.end();
  else if (breakage === 'slow-body') trickle(reply, Buffer.from(last), intervalMs);
  else breakConnection(breakage, request, reply, null, intervalMs);
}
