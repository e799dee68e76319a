/**
 * Every fault the simulator can produce, by name: answers recorded from the providers
 * (`data/provider-faults.json`, sent verbatim), network failures, and good answers in unusual
 * writing (`spellings.ts`). Each entry determines when the fault strikes and whether its picture is
 * billed.
 */
import recorded from '../data/provider-faults.json' with { type: 'json' };
import { spellings, type Spelling } from './spellings.ts';

export type Effect =
  | { kind: 'answer'; status: number; headers: Readonly<Record<string, string>>; body: unknown }
  /** Accepts the request and never answers. */
  | { kind: 'hang' }
  /** Reads the request, then resets the connection (RST). */
  | { kind: 'reset' }
  /** Resets the connection before the body is read. */
  | { kind: 'reset-before-read' }
  /** Reads the request, then closes the connection (FIN). */
  | { kind: 'close' }
  /** Sends headers and half of the body, then destroys the connection. */
  | { kind: 'cut-answer' }
  /** Sends the whole answer, one byte per interval. */
  | { kind: 'slow-body' }
  /** Sends the ordinary answer later. */
  | { kind: 'delay' }
  /** Sends the ordinary answer in another writing. */
  | { kind: 'spelled'; spelling: Spelling };

export interface Fault {
  name: string;
  effect: Effect;
  /**
   * `door`: refused before quota is taken. `at-once`: quota is taken, but no work is done. `late`:
   * after the latency.
   */
  strikes: 'door' | 'at-once' | 'late';
  /**
   * For a streamed call: true when the fault strikes the open stream, false when it replaces the
   * stream.
   */
  opensStream: boolean;
  /**
   * Whether the picture is made and billed although the client never receives it; an order may
   * override this.
   */
  paid: boolean;
}

interface RecordedCase {
  name: string;
  status: number;
  headers: Readonly<Record<string, string | undefined>>;
  body: unknown;
  class: string;
}

/**
 * Faults with an unknown outcome that are billed by default: the gateway gave up, the model
 * finished.
 */
const paidStatuses = new Set([200, 408, 500, 502, 504]);
/** Answers of a resource before it looks at the request. */
const doorStatuses = new Set([401, 403, 404, 429]);

const badGateway: RecordedCase = {
  name: 'bad gateway',
  status: 502,
  headers: {},
  body: '<html>502 Bad Gateway</html>',
  class: 'unknown',
};

const network: readonly Fault[] = [
  { name: 'hang', effect: { kind: 'hang' }, strikes: 'late', opensStream: true, paid: true },
  { name: 'reset', effect: { kind: 'reset' }, strikes: 'late', opensStream: true, paid: true },
  {
    name: 'reset-before-read',
    effect: { kind: 'reset-before-read' },
    strikes: 'door',
    opensStream: false,
    paid: false,
  },
  { name: 'close', effect: { kind: 'close' }, strikes: 'late', opensStream: true, paid: true },
  {
    name: 'cut-answer',
    effect: { kind: 'cut-answer' },
    strikes: 'late',
    opensStream: true,
    paid: true,
  },
  {
    name: 'slow-body',
    effect: { kind: 'slow-body' },
    strikes: 'late',
    opensStream: true,
    paid: true,
  },
  { name: 'delay', effect: { kind: 'delay' }, strikes: 'late', opensStream: true, paid: true },
];

const spelled = Object.entries(spellings).map(([name, spelling]): Fault => ({
  name,
  effect: { kind: 'spelled', spelling },
  strikes: 'late',
  opensStream: true,
  paid: true,
}));

export const faults: ReadonlyMap<string, Fault> = new Map(
  [...[...recorded.cases, badGateway].map(buildAnswerFault), ...network, ...spelled].map(
    (fault) => [fault.name, fault],
  ),
);

function buildAnswerFault({ name, status, headers, body, class: kind }: RecordedCase): Fault {
  const isLate = kind === 'unknown' || kind === 'unusable';
  return {
    name,
    // A gateway's error page replaces the stream, as does any error found before the model starts.
    opensStream: typeof body === 'object' && (isLate || isOutputModeration(body)),
    effect: {
      kind: 'answer',
      status,
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, value]],
        ),
      ),
      body,
    },
    strikes: isLate ? 'late' : doorStatuses.has(status) ? 'door' : 'at-once',
    paid: isLate && paidStatuses.has(status),
  };
}

function isOutputModeration(body: unknown): boolean {
  const { error } = body as { error?: { moderation_details?: { moderation_stage?: string } } };
  return error?.moderation_details?.moderation_stage === 'output';
}
