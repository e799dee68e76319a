/**
 * Every fault the simulator can answer with, by name: the answers seen on the wire
 * (`data/provider-faults.json`, sent verbatim) and what networks do. When a fault strikes and
 * whether its picture is billed follow from what it is.
 */
import recorded from '../data/provider-faults.json' with { type: 'json' };

export type Effect =
  | { kind: 'answer'; status: number; headers: Readonly<Record<string, string>>; body: unknown }
  /** Accept the request and never answer. */
  | { kind: 'hang' }
  /** Read the request, then cut the connection with RST. */
  | { kind: 'reset' }
  /** The same before the body was read. */
  | { kind: 'reset-before-read' }
  /** Read the request, then end the connection with FIN. */
  | { kind: 'close' }
  /** Headers and half of the body, then the connection is destroyed. */
  | { kind: 'cut-answer' }
  /** The whole answer, one byte at an interval. */
  | { kind: 'slow-body' }
  /** The ordinary answer, later. */
  | { kind: 'delay' };

export interface Fault {
  name: string;
  effect: Effect;
  /**
   * `door`: turned away before the quota is taken. `at-once`: quota taken, no work done. `late`:
   * after the latency.
   */
  strikes: 'door' | 'at-once' | 'late';
  /** On a streamed call: whether it strikes the open stream, or is answered in its place. */
  opensStream: boolean;
  /**
   * Whether the picture was made and billed although the caller never gets it; may be overridden.
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

/** Unknown outcomes that are billed by default: the gateway gave up, the model did not. */
const paidStatuses = new Set([200, 408, 500, 502, 504]);
/** What a resource answers before it looks at the request. */
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

export const faults: ReadonlyMap<string, Fault> = new Map(
  [...[...recorded.cases, badGateway].map(buildAnswerFault), ...network].map((fault) => [
    fault.name,
    fault,
  ]),
);

function buildAnswerFault({ name, status, headers, body, class: kind }: RecordedCase): Fault {
  const isLate = kind === 'unknown' || kind === 'unusable';
  return {
    name,
    // A gateway's page comes in place of a stream; so does what is found before the model starts.
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
