/**
 * Stops a process at a known point of a job's way, without its help, by holding what it sends to a
 * dependency. The proxy looks for texts on the wire. `before` holds the piece that completes the
 * match, so the dependency never receives it. `after` passes it on and holds the answer: the
 * request has taken effect, and the process does not know.
 */
import type { Piece, Proxy } from '../../support/network/proxy.ts';

export interface WireHold {
  /** Texts that one request contains together. */
  texts: readonly string[];
  hold: 'before' | 'after';
  /** Number of matches to let pass first. */
  skip?: number;
}

export interface PlacedHold {
  isHolding(): boolean;
}

export interface WireHolds {
  set(hold: WireHold): PlacedHold;
  /**
   * Cuts every held connection without delivering anything, and removes the holds. Call it when the
   * process is dead.
   */
  cut(): void;
  /** Delivers what is held, and removes the holds. */
  release(): void;
}

interface State {
  hold: WireHold;
  caught: boolean;
  /** The connection whose answer will be held. */
  awaiting: number | null;
  left: number;
}

/** How much of a request is searched: a statement and its values may come in several pieces. */
const tailBytes = 16 * 1024;

export function createWireHolds(link: Proxy): WireHolds {
  let states: State[] = [];
  let released = Promise.withResolvers<'cut' | 'pass'>();
  const tails = new Map<number, string>();

  function look({ direction, bytes, connection }: Piece): void | Promise<'cut' | 'pass'> {
    if (direction === 'down') {
      tails.delete(connection);
      const held = states.filter(({ awaiting }) => awaiting === connection);
      for (const state of held) state.caught = true;
      return held.length > 0 ? released.promise : undefined;
    }
    // Search all of the piece, whose end may be the bytes of a picture.
    const sent = (tails.get(connection) ?? '') + bytes.toString('latin1');
    tails.set(connection, sent.slice(-tailBytes));
    // Jobs that are at the same step share a statement, and each of them may have its own hold.
    const found = states.filter(
      ({ hold, caught, awaiting }) =>
        !caught && awaiting === null && hold.texts.every((text) => sent.includes(text)),
    );
    const due = found.filter(({ left }) => left === 0);
    for (const state of found) state.left = Math.max(0, state.left - 1);
    if (due.length === 0) return undefined;
    tails.delete(connection);
    for (const state of due) state.awaiting = connection;
    if (due.every(({ hold }) => hold.hold === 'after')) return undefined;
    for (const state of due) state.caught = true;
    return released.promise;
  }

  function end(how: 'cut' | 'pass'): void {
    states = [];
    released.resolve(how);
    released = Promise.withResolvers<'cut' | 'pass'>();
  }

  link.watch(look);
  return {
    set(hold) {
      const state: State = { hold, caught: false, awaiting: null, left: hold.skip ?? 0 };
      states.push(state);
      return { isHolding: () => state.caught };
    },
    cut: () => end('cut'),
    release: () => end('pass'),
  };
}

/**
 * Texts that mark the steps of a job on the wire. A prepared statement is sent by name after the
 * first time. Jobs that are at the same step at the same time share a statement.
 */
export const statements = {
  claim: 'lease_owner = asked.worker,',
  releaseClaim: 'lease_expires_at = null, lacks = $',
  takeStart: 'kiln-take-starts',
  postpone: 'kiln-pool-postponed',
  openAttempt: 'insert into kiln.attempts',
  settle: 'insert into kiln.images',
  insertJob: 'insert into kiln.jobs',
} as const;
