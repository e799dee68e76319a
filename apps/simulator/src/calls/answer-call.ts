/** Handles one generation or edit: decides, does the work, records it, answers. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readClock } from '../clock.ts';
import { readEditForm } from '../edits/form.ts';
import { breakConnection } from '../faults/network.ts';
import type { Spelling } from '../faults/spellings.ts';
import type { Simulator } from '../simulator.ts';
import { describeCall, readCall, type Call, type Face } from './call.ts';
import { decideCall, lookForFault, strike } from './decision.ts';
import { sendAnswer, toWireAnswer } from './delivery.ts';
import { sendSpelled, spellBody, spellingOf } from './spelled.ts';
import { accountOfStream, endStream, opensStream, openStream, sendPartials } from './streaming.ts';
import { unbilled, workOn, type Outcome } from './work.ts';

export async function answerCall(
  request: FastifyRequest,
  reply: FastifyReply,
  face: Face,
  simulator: Simulator,
): Promise<FastifyReply> {
  const { arrivals, ledger } = simulator;
  const seq = ledger.begin();
  const form = Buffer.isBuffer(request.body)
    ? await readEditForm(request.body, request.headers['content-type'] ?? '')
    : null;
  const call = readCall(request, face, { seq, form, arrivals });
  const decision = decideCall(call, simulator);
  const streamed = opensStream(decision) ? decision : null;
  try {
    if (streamed !== null) openStream(call, streamed, reply);
    const spelling = spellingOf(decision);
    const worked = await (streamed === null
      ? workOn(decision, simulator)
      : workOn(decision, simulator, (ms) => sendPartials(ms, streamed, reply, simulator)));
    const outcome = spellBody(
      worked,
      spelling,
      (base64) => `${request.protocol}://${request.host}${simulator.served.add(base64)}`,
    );
    const { parameters } = decision.status === 'accepted' ? decision : { parameters: null };
    await settle(
      { ...describeCall(call), ...(parameters && { model: parameters.model, n: parameters.n }) },
      streamed === null ? outcome.account : accountOfStream(outcome),
      request,
      simulator,
    );
    if (streamed === null) deliver(call, outcome, request, reply, spelling);
    else endStream(streamed, outcome, request, reply, spelling);
  } catch (error) {
    if (!simulator.closing.aborted && streamed === null) throw error;
    if (!simulator.closing.aborted) request.log.error({ err: error }, 'a stream failed');
    // The process is closing, or the stream broke: the client receives nothing, as when a real
    // server dies.
    breakConnection('reset', request, reply, null, 0);
  }
  return reply;
}

/** Runs before the body is read: only then can a connection break with the request half sent. */
export async function breakEarly(
  request: FastifyRequest,
  reply: FastifyReply,
  face: Face,
  simulator: Simulator,
): Promise<void> {
  const fault = lookForFault(null, simulator);
  if (fault?.fault.effect.kind !== 'reset-before-read') return;
  strike(fault, simulator);
  const { arrivals, ledger } = simulator;
  const call = readCall(request, face, { seq: ledger.begin(), arrivals });
  const account = { ...unbilled, fault: fault.fault.name };
  const outcome: Outcome = { answer: null, breakage: 'reset-before-read', intervalMs: 0, account };
  await settle(describeCall(call), account, request, simulator);
  deliver(call, outcome, request, reply);
}

async function settle(
  seen: ReturnType<typeof describeCall>,
  account: Outcome['account'],
  request: FastifyRequest,
  { ledger }: Simulator,
): Promise<void> {
  await ledger.record({
    ...seen,
    ...account,
    finished_at: readClock(),
    client_gone: request.raw.socket.destroyed,
  });
  const { seq, route, request_id: requestId, kiln_job_id: jobId } = seen;
  const { fault, status, paid } = account;
  request.log.info({ seq, route, fault, status, paid, requestId, jobId }, 'call settled');
}

function deliver(
  call: Call,
  { answer, breakage, intervalMs }: Outcome,
  request: FastifyRequest,
  reply: FastifyReply,
  spelling: Spelling | null = null,
): void {
  const wire = answer === null ? null : toWireAnswer(call, answer);
  if (breakage !== null) breakConnection(breakage, request, reply, wire, intervalMs);
  else if (wire !== null && spelling !== null) sendSpelled(reply, wire, spelling);
  else if (wire !== null) sendAnswer(reply, wire);
}
