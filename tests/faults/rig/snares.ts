/**
 * Snares: a process is stopped at a known point of a job's way, without its help, by holding what
 * it sends to a dependency. The proxy looks for a text on the wire; `before` holds the piece that
 * completes it, so the dependency never hears of it; `after` lets it pass and holds the answer, so
 * what was asked for has happened and the process does not know.
 */
import type { Piece, Proxy } from '../../support/network/proxy.ts';

export interface Snare {
  /** What goes through the wire together. */
  texts: readonly string[];
  hold: 'before' | 'after';
  /** Pieces it lets pass first. */
  skip?: number;
}

export interface SetSnare {
  isCaught(): boolean;
}

export interface Snares {
  set(snare: Snare): SetSnare;
  /**
   * Ends every connection that is held, delivering nothing; the snares are gone. To be called when
   * the process is dead.
   */
  cut(): void;
  /** Delivers what is held; the snares are gone. */
  release(): void;
}

interface State {
  snare: Snare;
  caught: boolean;
  /** The connection whose answer is to be held. */
  awaiting: number | null;
  left: number;
}

/**
 * What a client has sent since the last answer; a statement and its values may come in several
 * pieces.
 */
const tailBytes = 16 * 1024;

export function createSnares(link: Proxy): Snares {
  let states: State[] = [];
  let released = Promise.withResolvers<'cut' | 'pass'>();
  const tails = new Map<number, string>();

  function look({ direction, bytes, connection }: Piece): void | Promise<'cut' | 'pass'> {
    if (direction === 'down') {
      tails.delete(connection);
      const held = states.find(({ awaiting }) => awaiting === connection);
      if (held === undefined) return undefined;
      held.caught = true;
      return released.promise;
    }
    // All of the piece, whose end may be a picture's bytes.
    const sent = (tails.get(connection) ?? '') + bytes.toString('latin1');
    tails.set(connection, sent.slice(-tailBytes));
    const found = states.find(
      ({ snare, caught, awaiting }) =>
        !caught && awaiting === null && snare.texts.every((text) => sent.includes(text)),
    );
    if (found === undefined) return undefined;
    if (found.left > 0) {
      found.left -= 1;
      return undefined;
    }
    tails.delete(connection);
    found.awaiting = connection;
    if (found.snare.hold === 'after') return undefined;
    found.caught = true;
    return released.promise;
  }

  function end(how: 'cut' | 'pass'): void {
    states = [];
    released.resolve(how);
    released = Promise.withResolvers<'cut' | 'pass'>();
  }

  link.watch(look);
  return {
    set(snare) {
      const state: State = { snare, caught: false, awaiting: null, left: snare.skip ?? 0 };
      states.push(state);
      return { isCaught: () => state.caught };
    },
    cut: () => end('cut'),
    release: () => end('pass'),
  };
}

/**
 * How the steps of a job look on the wire: those that are prepared are sent by name after the first
 * time.
 */
export const statements = {
  claim: 'kiln-claim',
  takeStart: 'kiln-take-starts',
  openAttempt: 'kiln-open-attempt',
  settle: 'kiln-settle-succeeded',
  insertJob: 'insert into kiln.jobs',
} as const;
