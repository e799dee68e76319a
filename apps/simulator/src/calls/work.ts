/**
 * Carries out a decision: waits for the latency, draws the pictures, computes the bill, and
 * describes how the answer is delivered. `answer-call.ts` sends it; for streamed calls
 * `streaming.ts` shows the partial images while the latency passes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../faces/answer.ts';
import type { Breakage } from '../faults/network.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { GenerationParameters } from '../parameters/generation.ts';
import type { Picture } from '../pictures/source.ts';
import { drawNumber } from '../random.ts';
import type { Settings } from '../settings.ts';
import type { Simulator } from '../simulator.ts';
import { buildSvgUsage, type SvgUsage } from '../tokens.ts';
import { countUsage } from './count-usage.ts';
import type { Decision } from './decision.ts';

/** What is sent, and what the ledger records about it. */
export interface Outcome {
  /** Null when the connection breaks without an answer. */
  answer: Answer | null;
  /** How the connection breaks instead of answering or while answering. */
  breakage: Breakage | null;
  /** Milliseconds between two bytes of a trickled answer. */
  intervalMs: number;
  account: Pick<
    LedgerEntry,
    'fault' | 'status' | 'took_quota' | 'paid' | 'images' | 'usage' | 'svg_usage' | 'image_sha256'
  >;
}

export type Accepted = Extract<Decision, { status: 'accepted' }>;

/** `spend` waits for the time of the model's work, and can send partial images meanwhile. */
export async function workOn(
  decision: Decision,
  simulator: Simulator,
  spend: (ms: number) => Promise<void> = (ms) => wait(ms, simulator.closing),
): Promise<Outcome> {
  const { closing, settings, gate } = simulator;
  switch (decision.status) {
    case 'answered': {
      const { answer, tookQuota } = decision;
      return {
        answer,
        breakage: null,
        intervalMs: 0,
        account: { ...unbilled, status: answer.status, took_quota: tookQuota },
      };
    }
    case 'struck': {
      await wait(decision.fault.delayMs, closing);
      return buildFaultOutcome(decision);
    }
    case 'accepted': {
      const isLate = decision.fault === null || decision.fault.fault.strikes === 'late';
      const durationMs =
        (isLate ? drawLatency(decision, simulator) : 0) + (decision.fault?.delayMs ?? 0);
      if (hitsWall(decision, durationMs, settings)) {
        await wait(settings.wallMs, closing);
        const account = { ...buildBill(decision), fault: 'wall' };
        return { answer: null, breakage: 'close', intervalMs: 0, account };
      }
      await (isLate ? spend(durationMs) : wait(durationMs, closing));
      // The gate as it is now: it may have been opened since the call came.
      if (isLate) await gate.pass(simulator.settings.gate, decision.parameters.prompt, closing);
      return isPictured(decision)
        ? buildPicturedOutcome(decision, simulator)
        : buildFaultOutcome(decision);
    }
  }
}

export const unbilled: Outcome['account'] = {
  fault: null,
  status: null,
  took_quota: false,
  paid: false,
  images: 0,
  usage: null,
  svg_usage: null,
  image_sha256: [],
};

/** Applies a fault that sends its own answer, or none. */
function buildFaultOutcome(decision: Decision): Outcome {
  const fault = decision.status === 'answered' ? null : decision.fault;
  const effect = fault?.fault.effect ?? { kind: 'hang' };
  const answer = effect.kind === 'answer' ? effect : null;
  const account = { ...buildBill(decision), status: answer?.status ?? null };
  const breakage =
    effect.kind === 'answer' || effect.kind === 'delay' || effect.kind === 'spelled'
      ? null
      : effect.kind;
  return { answer, breakage, intervalMs: 0, account };
}

/** Delivers the pictures, intact or over a connection that breaks them. */
async function buildPicturedOutcome(
  decision: Accepted,
  { pictures, settings }: Simulator,
): Promise<Outcome> {
  const { parameters, fault } = decision;
  const drawn = await pictures.draw(parameters, settings);
  const kind = fault?.fault.effect.kind;
  return {
    answer: {
      status: 200,
      headers: decision.limitHeaders,
      body: buildBody(parameters, drawn),
    },
    breakage: kind === 'cut-answer' || kind === 'slow-body' ? kind : null,
    intervalMs: fault?.intervalMs ?? 0,
    account: {
      ...buildBill(decision),
      status: 200,
      image_sha256: drawn.map(({ sha256 }) => sha256),
    },
  };
}

/**
 * True when the gateway times out: it has seen no byte of the answer. The model still finishes, and
 * the call is billed.
 */
function hitsWall({ parameters }: Accepted, durationMs: number, { wallMs }: Settings): boolean {
  return parameters.stream === null && wallMs > 0 && durationMs > wallMs;
}

function isPictured({ fault }: Accepted): boolean {
  const kind = fault?.fault.effect.kind ?? 'delay';
  return kind === 'delay' || kind === 'spelled' || kind === 'cut-answer' || kind === 'slow-body';
}

function buildBill(decision: Decision): Outcome['account'] {
  const fault = decision.status === 'answered' ? null : decision.fault;
  const bill = {
    ...unbilled,
    fault: fault?.fault.name ?? null,
    took_quota: decision.status === 'accepted',
  };
  if (decision.status !== 'accepted' || fault?.paid === false) return bill;
  return {
    ...bill,
    paid: true,
    images: decision.parameters.n,
    usage: countUsage(decision.parameters),
    svg_usage: countSvgUsage(decision.parameters),
  };
}

function buildBody(parameters: GenerationParameters, pictures: readonly Picture[]): unknown {
  const { size, quality, background, format } = parameters;
  const svgUsage = countSvgUsage(parameters);
  return {
    created: Math.floor(Date.now() / 1000),
    background,
    data: pictures.map(({ base64 }) => ({ b64_json: base64 })),
    output_format: format,
    quality,
    size: `${size.width}x${size.height}`,
    usage: countUsage(parameters),
    ...(svgUsage !== null && { svg_usage: svgUsage }),
  };
}

function countSvgUsage({ prompt, author }: GenerationParameters): SvgUsage | null {
  return author === null ? null : buildSvgUsage(prompt, author);
}

function drawLatency({ ordinal }: Accepted, { settings: { seed, latencyMs } }: Simulator): number {
  return latencyMs.min + drawNumber(seed, 'latency', ordinal) * (latencyMs.max - latencyMs.min);
}

export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal });
}
